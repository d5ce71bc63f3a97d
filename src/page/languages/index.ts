import type { Language } from "../../core/settings/page-options.ts";
import type { Messages } from "../messages.ts";
import { af } from "./af.ts";
import { ar } from "./ar.ts";
import { bg } from "./bg.ts";
import { ca } from "./ca.ts";
import { cs } from "./cs.ts";
import { da } from "./da.ts";
import { de } from "./de.ts";
import { el } from "./el.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { et } from "./et.ts";
import { eu } from "./eu.ts";
import { fa } from "./fa.ts";
import { fi } from "./fi.ts";
import { fr } from "./fr.ts";
import { gl } from "./gl.ts";
import { he } from "./he.ts";
import { hi } from "./hi.ts";
import { hr } from "./hr.ts";
import { hu } from "./hu.ts";
import { id } from "./id.ts";
import { is } from "./is.ts";
import { it } from "./it.ts";
import { ja } from "./ja.ts";
import { ko } from "./ko.ts";
import { lt } from "./lt.ts";
import { lv } from "./lv.ts";
import { mk } from "./mk.ts";
import { ms } from "./ms.ts";
import { nb } from "./nb.ts";
import { nl } from "./nl.ts";
import { nn } from "./nn.ts";
import { pl } from "./pl.ts";
import { ptBr } from "./pt-br.ts";
import { ptPt } from "./pt-pt.ts";
import { ro } from "./ro.ts";
import { ru } from "./ru.ts";
import { sk } from "./sk.ts";
import { sl } from "./sl.ts";
import { srCyrl } from "./sr-cyrl.ts";
import { srLatn } from "./sr-latn.ts";
import { sv } from "./sv.ts";
import { th } from "./th.ts";
import { tr } from "./tr.ts";
import { uk } from "./uk.ts";
import { ur } from "./ur.ts";
import { vi } from "./vi.ts";
import { zhHans } from "./zh-hans.ts";
import { zhHant } from "./zh-hant.ts";

/**
 * The texts in every language. A language listed in core/settings/page-options.ts but missing here does not
 * compile.
 */
export const allMessages: Readonly<Record<Language, Messages>> = {
  af,
  ar,
  bg,
  ca,
  cs,
  da,
  de,
  el,
  en,
  es,
  et,
  eu,
  fa,
  fi,
  fr,
  gl,
  he,
  hi,
  hr,
  hu,
  id,
  is,
  it,
  ja,
  ko,
  lt,
  lv,
  mk,
  ms,
  nb,
  nl,
  nn,
  pl,
  "pt-BR": ptBr,
  "pt-PT": ptPt,
  ro,
  ru,
  sk,
  sl,
  "sr-Cyrl": srCyrl,
  "sr-Latn": srLatn,
  sv,
  th,
  tr,
  uk,
  ur,
  vi,
  "zh-Hans": zhHans,
  "zh-Hant": zhHant,
};
