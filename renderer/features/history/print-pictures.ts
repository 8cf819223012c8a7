/**
 * Prints each picture on its own page, as large as the page. The page's own content is hidden meanwhile; the
 * style sheet is constructed, as the content security policy allows no style in markup.
 */
export async function printPictures(
  pictures: readonly string[],
  page: { readonly widthMm: number; readonly heightMm: number },
): Promise<void> {
  const sheet = new CSSStyleSheet();
  const size = `${page.widthMm}mm ${page.heightMm}mm`;
  sheet.replaceSync(`
    .print-pages { display: none; }
    @media print {
      @page { size: ${size}; margin: 0; }
      html, body { height: auto !important; background: #fff; }
      body > :not(.print-pages) { display: none !important; }
      .print-pages { display: block; }
      .print-pages img { display: block; width: ${page.widthMm}mm; height: ${page.heightMm}mm; break-after: page; }
      .print-pages img:last-child { break-after: auto; }
    }
  `);
  const container = document.createElement('div');
  container.className = 'print-pages';
  const images = pictures.map((picture) => {
    const image = new Image();
    image.src = picture;
    image.alt = '';
    return image;
  });
  container.append(...images);
  document.adoptedStyleSheets.push(sheet);
  document.body.append(container);
  const remove = (): void => {
    container.remove();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
  };
  try {
    await Promise.all(images.map((image) => image.decode()));
  } catch (error) {
    remove();
    throw error;
  }
  // On some hosts print() returns before printing has ended.
  window.addEventListener('afterprint', remove, { once: true });
  window.print();
}
