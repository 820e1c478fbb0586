// PDFs for tests: pages of lines in Helvetica, which bring their text along and are read in milliseconds.

/** A PDF with a page for each list of lines (Latin letters). */
export function pdfOf(pages) {
  const escaped = (text) => text.replace(/[\\()]/g, "\\$&");
  const kids = pages.map((_, at) => `${4 + 2 * at} 0 R`).join(" ");
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Count ${pages.length}/Kids[${kids}]/MediaBox[0 0 595 842]>>`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  for (const lines of pages) {
    const shown = lines.map((line) => `(${escaped(line)}) Tj T*`).join("\n");
    const content = `BT /F1 14 Tf 20 TL 60 780 Td ${shown} ET`;
    objects.push(
      `<</Type/Page/Parent 2 0 R/Contents ${objects.length + 2} 0 R/Resources<</Font<</F1 3 0 R>>>>>>`,
      `<</Length ${content.length}>>stream\n${content}\nendstream`,
    );
  }
  let file = "%PDF-1.4\n";
  const positions = objects.map((object, at) => {
    const position = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(position).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${positions.join("")}`;
  return Buffer.from(`${file}${table}trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${file.length}\n%%EOF\n`, "latin1");
}

/** `n` pages, each with its number and some lines. */
export function numbered(n) {
  const lines = (page) => Array.from({ length: 12 }, (_, at) => `Line ${at + 1} of page ${page}: ships come in and go out.`);
  return Array.from({ length: n }, (_, at) => [`Chapter ${at + 1}`, "", ...lines(at + 1)]);
}

/** Drops a file on the window. */
export async function dropBytes(page, bytes, name, type) {
  const data = await page.evaluateHandle(
    ([base64, name, type]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type }));
      return transfer;
    },
    [Buffer.from(bytes).toString("base64"), name, type],
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
}
