import { markup } from "../../template.ts";

/** A stage seen from the stalls. Our own work; decorative, so hidden from screen readers. */
export const drawing = markup`<svg viewBox="0 0 320 220" aria-hidden="true" focusable="false">
<defs>
<radialGradient id="glow"><stop stop-color="#fff0c4"/><stop offset=".22" stop-color="#ffd27d" stop-opacity=".62"/><stop offset=".55" stop-color="#ffb95a" stop-opacity=".2"/><stop offset="1" stop-color="#ffb347" stop-opacity="0"/></radialGradient>
<radialGradient id="pool"><stop stop-color="#ffd590" stop-opacity=".7"/><stop offset="1" stop-color="#ffb347" stop-opacity="0"/></radialGradient>
<linearGradient id="cloth" x2=".13" spreadMethod="reflect"><stop stop-color="#b53b40"/><stop offset="1" stop-color="#7a2028"/></linearGradient>
<clipPath id="arch"><path d="M14 208V104C14 46 76 12 160 12s146 34 146 92v104z"/></clipPath>
</defs>
<g clip-path="url(#arch)">
<path fill="#2c1b29" d="M0 0h320v220H0z"/>
<path fill="#4d302c" d="M0 178h320v42H0z"/>
<ellipse class="glow" cx="160" cy="188" rx="104" ry="22" fill="url(#pool)"/>
<circle class="glow" cx="160" cy="100" r="104" fill="url(#glow)"/>
<path fill="none" stroke="#150c12" stroke-width="4" stroke-linecap="round" d="M160 122v66m-15 2q15-5 30 0"/>
<path fill="#150c12" d="M153 115h14v9h-14z"/>
<circle cx="160" cy="99" r="17" fill="#fff6dc"/>
<path fill="#fff6dc" d="M152 110h16v6h-16z"/>
<path fill="url(#cloth)" d="M0 0h128c-4 72-34 104-62 122 4 30 6 58 4 86H0z"/>
<path fill="url(#cloth)" d="M320 0H192c4 72 34 104 62 122-4 30-6 58-4 86h70z"/>
<path fill="#e3ae52" d="M48 116q12 9 22 3l3 9q-13 9-27-3zM272 116q-12 9-22 3l-3 9q13 9 27-3z"/>
<path fill="#9a2d34" stroke="#e3ae52" stroke-width="3" d="M-4-4h328v38h-4q-20 26-40 0-20 26-40 0-20 26-40 0-20 26-40 0-20 26-40 0-20 26-40 0-20 26-40 0-20 26-40 0h-4z"/>
</g>
<path fill="none" stroke="#c8903f" stroke-width="6" stroke-linejoin="round" d="M14 208V104C14 46 76 12 160 12s146 34 146 92v104z"/>
</svg>`;
