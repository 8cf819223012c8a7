import { pageKeyHash } from '../../../app/contract/channel-names.ts';
import { markup, type Markup } from '../../../app/markup.ts';

function page(title: string, text: string | Markup, head: Markup | string = ''): string {
  return markup`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>${title}</title>${head}</head>
<body><h1>${title}</h1><p>${text}</p></body>
</html>
`.toString();
}

/** Not a redirect: a browser that came from another site sends the new cookie only with a request from this page. */
export function enteredPage(pageKey: string): string {
  const url = `/${pageKeyHash}${pageKey}`;
  return page(
    'Canopus',
    markup`<a href="${url}">Open the station</a>`,
    markup`<meta http-equiv="refresh" content="0;url=${url}">`,
  );
}

export const notAdmittedPage = page(
  'Canopus: not admitted',
  'Open the link that the program printed in its terminal. Each link works once; pressing Enter there prints a new one.',
);

export const usedLinkPage = page(
  'Canopus: this link does not work',
  'It was used before or is not the newest one. Press Enter in the terminal of the program for a new link.',
);
