import { markup } from "../../template.ts";

/** An open-air cinema during an intermission. Our own work; decorative, so hidden from screen readers. */
export const drawing = markup`<svg viewBox="0 0 1200 420" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
<defs>
<radialGradient id="halo"><stop class="lamp" stop-opacity=".55"/><stop offset="1" class="lamp" stop-opacity="0"/></radialGradient>
<g id="tree"><path d="M-3 0h6v-30h-6z"/><path d="M0-120c16 26 26 48 26 66s-12 30-26 30-26-12-26-30 10-40 26-66z"/></g>
<g id="row"><path d="M-21 0v-25q0-11 11-11h20q11 0 11 11v25zM49 0v-25q0-11 11-11h20q11 0 11 11v25zM119 0v-25q0-11 11-11h20q11 0 11 11v25zM189 0v-25q0-11 11-11h20q11 0 11 11v25z"/></g>
</defs>
<g class="stars"><circle cx="90" cy="150" r="2"/><circle cx="190" cy="105" r="1.5"/><circle cx="285" cy="165" r="2"/><circle cx="392" cy="120" r="1.5"/><circle cx="452" cy="172" r="1.5"/><circle cx="560" cy="106" r="2"/><circle cx="668" cy="122" r="1.5"/><circle cx="905" cy="100" r="1.5"/><circle cx="985" cy="160" r="2"/><circle cx="1080" cy="112" r="1.5"/><circle cx="1150" cy="170" r="2"/></g>
<circle class="sun" cx="804" cy="182" r="36"/>
<path class="far" d="M0 256q150-66 330-24t330-16 280 6 260-40v238H0z"/>
<path class="near" d="M0 318q220-72 470-36t400-22 330 6v154H0z"/>
<g class="dim"><use href="#tree" x="404" y="300"/><use href="#tree" x="362" y="304"/><use href="#tree" x="816" y="292"/><use href="#tree" x="1010" y="284"/><use href="#tree" x="1054" y="284"/><use href="#tree" x="120" y="306"/></g>
<ellipse fill="url(#halo)" cx="600" cy="226" rx="270" ry="150"/>
<path class="wood" d="M484 156h8v170h-8zM708 156h8v170h-8zM466 140h268v152H466z"/>
<path class="screen" d="M474 148h252v136H474z"/>
<g class="leader"><path d="M474 216h252M600 148v136"/><circle cx="600" cy="216" r="56"/><circle cx="600" cy="216" r="46"/><path class="hand" d="M600 216v-56"/></g>
<path class="ground" d="M0 352q280-40 600-22t600-10v100H0z"/>
<path class="wire" d="M260 330V196q110 66 206-46M734 150q104 106 214 42v138"/>
<path class="bulbs" d="M260 196q110 66 206-46M734 150q104 106 214 42"/>
<g class="seats"><use href="#row" x="425" y="372"/><use href="#row" x="705" y="372"/><use href="#row" x="145" y="378"/><use href="#row" x="985" y="378"/><g transform="translate(-180 -98)scale(1.3)"><use href="#row" x="230" y="412"/><use href="#row" x="510" y="412"/><use href="#row" x="790" y="412"/><use href="#row" x="-50" y="412"/><use href="#row" x="1070" y="412"/></g></g>
</svg>`;
