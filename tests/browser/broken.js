// What is broken on a page, as somebody would see it: too wide, cut off, too small to touch, without its font.
() => {
  const told = [], root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) told.push(`the page is ${root.scrollWidth} wide`);
  const seen = "h1, h2, h3, p, li, a, button, label, th, td, .tag, input, select, svg, img, summary";
  for (const each of document.querySelectorAll(seen)) {
    if (each.closest(".hidden, .skip") || !each.checkVisibility()) continue;
    const box = each.getBoundingClientRect();
    const name = `${each.tagName} ${(each.textContent || each.name || "").trim().slice(0, 30)}`;
    const outside = box.left < -1 || box.right > root.clientWidth + 1;
    if (box.width && outside && !each.closest("thead")) told.push(`${name} leaves the page`);
    const worded = /^(BUTTON|A|TH|TD|P|LABEL)$/.test(each.tagName) && each.clientWidth && !each.closest("thead");
    if (worded && each.scrollWidth > each.clientWidth + 2) told.push(`${name} is cut`);
    const touched = /^(BUTTON|INPUT|SELECT)$/.test(each.tagName) && !/radio|checkbox|hidden/.test(each.type);
    if (touched && box.height < 36) told.push(`${name} is too small for a finger`);
  }
  const loaded = [...document.fonts].some((font) => font.status === "loaded");
  if (!loaded) told.push("the font did not come");
  return told;
}
