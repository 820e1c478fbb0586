"""A browser that signs in at provider.mjs: python sign_in.py SERVER_URL NAME

Prints the account that the server shows then, as JSON."""

import re
import sys

import requests

server, name = sys.argv[1:]
browser = requests.Session()
page = browser.get(f"{server}/api/v1/account/oidc/start/", timeout=30)
# Two forms of the provider: who somebody is, and whether they agree.
for _ in range(2):
    action = re.search(r'action="([^"]+)"', page.text)
    if not action:
        break
    prompt = re.search(r'name="prompt" value="([^"]+)"', page.text).group(1)
    form = {"prompt": prompt, "login": name, "password": "any"}
    page = browser.post(requests.compat.urljoin(page.url, action.group(1)), data=form, timeout=30)
assert page.url.startswith(f"{server}/account"), page.url
account = browser.get(f"{server}/api/v1/account/", timeout=30)
assert account.status_code == 200, account.text
print(account.text)
