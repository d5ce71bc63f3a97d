import { h } from "vue";
import DefaultTheme from "vitepress/theme-without-fonts";
import LanguageGallery from "./LanguageGallery.vue";
import LinePicker from "./LinePicker.vue";
import NotFound from "./NotFound.vue";
import StartPage from "./StartPage.vue";
import ThemePictures from "./ThemePictures.vue";
import "./style.css";

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { "not-found": () => h(NotFound) }),
  enhanceApp({ app }) {
    app.component("LanguageGallery", LanguageGallery);
    app.component("LinePicker", LinePicker);
    app.component("StartPage", StartPage);
    app.component("ThemePictures", ThemePictures);
  },
};
