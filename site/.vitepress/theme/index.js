import DefaultTheme from "vitepress/theme-without-fonts";
import LanguageGallery from "./LanguageGallery.vue";
import LinePicker from "./LinePicker.vue";
import ThemePictures from "./ThemePictures.vue";
import "./style.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("LanguageGallery", LanguageGallery);
    app.component("LinePicker", LinePicker);
    app.component("ThemePictures", ThemePictures);
  },
};
