#!/usr/bin/env python3
"""Reads every file of a robustness manifest with the command line and the API, and holds the answers against the manifest.

  robustness.py --binary PATH [--manifest FILE] [--api URL] [--id ID]

The manifest is `$OCR_CHAT_EVAL/robustness/manifest.jsonl` unless named. Allowed answers by `expect`: ok_text (the text holds
`contains`), ok_any, client_error (non-zero exit with a message; HTTP 4xx in the error envelope), ok_or_client_error, page_error (the
good pages are answered, `bad_pages` are `failed`). A panic, a signal, a 5xx, more than 2 GB or more than 1,200 s (the manifest has 600 pages in a file) is never allowed.
`soft` lines are reported, not counted. Ends with `N passed, N failed`.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

MAX_RSS_KB = 2 * 1024 * 1024
TIMEOUT_S = 1200


def command_line(binary, path):
    """-> (answer or None, message, peak RSS in KB, seconds)"""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        child = subprocess.Popen([binary, "ocr", path, "--format", "json"], stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - start > TIMEOUT_S:
                child.kill()
                os.wait4(child.pid, 0)
                return None, "TIMEOUT", 0, TIMEOUT_S
            time.sleep(0.01)
        seconds = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        message = err.read().decode(errors="replace").strip()
        code = os.waitstatus_to_exitcode(status)
        child.returncode = code
        if code < 0 or code == 101 or "panicked" in message:
            return None, f"CRASH {code}: {message[-300:]}", usage.ru_maxrss, seconds
        if code != 0:
            return None, message or "CRASH: no message", usage.ru_maxrss, seconds
        return json.load(out), message, usage.ru_maxrss, seconds


def api(url, path):
    """-> (answer or None, message)"""
    boundary = uuid.uuid4().hex
    with open(path, "rb") as file:
        content = file.read()
    name = os.path.basename(path).replace('"', "")
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    try:
        request = urllib.request.Request(url + "/api/v1/ocr/", body, headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            job = json.load(response)
        deadline = time.monotonic() + TIMEOUT_S
        while job["status"] in ("pending", "processing"):
            if time.monotonic() > deadline:
                return None, "TIMEOUT"
            time.sleep(0.5)
            with urllib.request.urlopen(f"{url}/api/v1/ocr/{job['uuid']}/", timeout=60) as response:
                job = json.load(response)
    except urllib.error.HTTPError as error:
        envelope = json.loads(error.read() or b"{}")
        if error.code >= 500 or not {"error", "code", "request_id"} <= envelope.keys():
            return None, f"CRASH {error.code}: {envelope}"
        return None, f"{error.code} {envelope['code']}: {envelope['error']}"
    if job["status"] == "failed":
        return None, f"failed: {job['error']}"
    return job, ""


def judge(item, answer, message):
    """-> None where the answer is allowed, otherwise why it is not"""
    if message.startswith(("CRASH", "TIMEOUT")):
        return message
    expect = item["expect"]
    if answer is None:
        return None if expect in ("client_error", "ok_or_client_error") else f"refused: {message[:150]}"
    if expect == "client_error":
        return f"answered with {answer['text'][:60]!r} instead of an error"
    pages = answer["pages"]
    wanted = item.get("pages")
    if wanted and answer["page_count"] != wanted:
        return f"{answer['page_count']} pages instead of {wanted}"
    if expect == "page_error":
        for number in item["bad_pages"]:
            if pages[number - 1]["status"] != "failed":
                return f"page {number} is {pages[number - 1]['status']}, not failed"
        good = [page for page in pages if page["index"] + 1 not in item["bad_pages"]]
        if any(item["contains"] not in page["text"] for page in good):
            return "a good page was lost"
        return None
    if expect == "ok_text" and item["contains"] not in answer["text"]:
        return f"the text is {answer['text'][:80]!r}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--manifest", default=os.path.join(os.environ.get("OCR_CHAT_EVAL", "."), "robustness", "manifest.jsonl"))
    parser.add_argument("--api")
    parser.add_argument("--id")
    args = parser.parse_args()
    folder = os.path.dirname(os.path.abspath(args.manifest))
    with open(args.manifest, encoding="utf-8") as file:
        items = [json.loads(line) for line in file if line.strip()]
    if args.id:
        items = [item for item in items if item["id"] == args.id]
    passed = failed = soft = 0
    peak = (0, "")
    slowest = (0, "")
    for item in items:
        path = os.path.join(folder, item["file"])
        answer, message, rss_kb, seconds = command_line(args.binary, path)
        peak = max(peak, (rss_kb, item["id"]))
        slowest = max(slowest, (seconds, item["id"]))
        verdicts = {"command line": judge(item, answer, message)}
        if rss_kb > MAX_RSS_KB:
            verdicts["memory"] = f"{rss_kb // 1024} MB"
        if args.api:
            verdicts["API"] = judge(item, *api(args.api, path))
        for place, why in verdicts.items():
            if why is None:
                passed += 1
            elif item.get("soft") and not why.startswith(("CRASH", "TIMEOUT")):
                soft += 1
                print(f"soft  {item['id']} ({place}): {why}", flush=True)
            else:
                failed += 1
                print(f"FAIL  {item['id']} ({place}): {why}", flush=True)
    print(f"peak memory {peak[0] // 1024} MB ({peak[1]}), slowest {slowest[0]:.1f} s ({slowest[1]}), {soft} soft misses")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
