// The icons the pages use, by their Tabler outline names; the build takes only these.
export const ICONS = [
  "home", "checklist", "clipboard-list", "bell", "map-2", "map-pin", "users", "user", "user-plus", "building",
  "building-community", "building-hospital", "sitemap", "id-badge-2", "shield-lock", "history", "chart-line",
  "chart-bar", "report", "settings", "search", "plus", "x", "check", "chevron-right", "chevron-left",
  "chevron-down", "menu-2", "dots", "filter", "download", "upload", "arrow-right", "arrow-left", "logout",
  "language", "switch-horizontal", "phone", "stethoscope", "virus", "school", "pill", "wifi", "wifi-off",
  "refresh", "clock", "calendar", "alert-triangle", "info-circle", "lock", "eye", "edit", "trash", "send",
  "device-tv", "file-text", "speakerphone", "flag", "external-link", "printer", "key", "walk", "package",
  "messages", "book", "first-aid-kit", "clipboard-check", "palette", "circle-check", "list-details", "hand-stop",
  "urgent", "world", "database", "certificate", "flask", "target-arrow", "chart-histogram", "radar",
  "temperature", "lungs", "toilet-paper", "hand-finger", "brain", "droplet", "mood-sick", "ambulance",
  "heart", "tool",
];
