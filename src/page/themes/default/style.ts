import { markup } from "../../template.ts";

export const style = markup`
body {
  display: flex;
  flex-direction: column;
  align-items: center;
  gap: 1.5rem;
  padding: 1.5rem 1.25rem;
  text-align: center;
}
main { max-width: 33rem; margin: auto; }
svg { width: min(100%, 19rem, 48vh); height: auto; margin-bottom: 1.25rem; }
header ~ main svg { width: min(100%, 17rem, 38vh); }
h1 {
  margin-bottom: .6em;
  font: 600 clamp(1.75rem, 1.4rem + 1.6vw, 2.4rem)/1.15 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Noto Serif", serif;
  text-wrap: balance;
}
p { margin-bottom: .75em; }
main a, button {
  display: inline-block;
  margin: .75em 0 1.25em;
  padding: .7em 1.6em;
  border: 2px solid var(--accent);
  border-radius: 2em;
  background: var(--accent);
  color: var(--paper);
  font-weight: 600;
  line-height: 1.3;
  text-decoration: none;
}
main a:hover, button:hover { text-decoration: underline; }
[role=status] { min-height: 3.2em; margin: 0; color: var(--quiet); font-size: .875em; }
.glow { animation: breathe 1.6s ease-in-out 3 alternate; }
@keyframes breathe {
  from { opacity: .6; }
}
@media (prefers-reduced-motion: reduce) {
  .glow { animation: none; }
}
`;
