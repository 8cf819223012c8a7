import { describe, expect, it } from 'vitest';
import { joined, markup } from '../../app/markup.ts';

describe('markup', () => {
  it('makes text of every value', () => {
    const evil = `<img src=x onerror="alert('1')">&\x1b[2J\u202e`;
    expect(String(markup`<p class="${evil}">${evil}</p>`)).toBe(
      '<p class="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;\\x1b[2J\\u{202e}">' +
        '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;\\x1b[2J\\u{202e}</p>',
    );
  });

  it('keeps markup in markup, and numbers', () => {
    const items = joined(['<a>', markup`<b>2</b>`, '3'], markup`<br>`);
    expect(String(markup`<p>${items} ${4}</p>`)).toBe('<p>&lt;a&gt;<br><b>2</b><br>3 4</p>');
  });
});
