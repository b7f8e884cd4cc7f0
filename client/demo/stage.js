// Lays the heat map and the frame of the face over the photo. The opacity is the browser's own affair: no request is made.

function place(element, box) {
  const [left, top, width, height] = box;
  Object.assign(element.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
}

function picture(image, shown) {
  image.hidden = !shown;
  if (shown) {
    image.src = shown.url;
    image.alt = shown.alt;
    if (shown.box) place(image, shown.box);
  }
}

export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const [map, slider, output] = [find(".map"), find("input"), find("output")];
  const fade = () => {
    map.style.opacity = slider.value / 100;
    output.textContent = `${slider.value} %`;
  };
  find(".frame").style.setProperty("--proportions", data.proportions);
  picture(find(".photo"), data.photo);
  picture(map, data.map);
  find(".face").hidden = !data.face;
  if (data.face) place(find(".face"), data.face);
  find(".control").hidden = find(".legend").hidden = !data.map;
  find(".scale").style.background = `linear-gradient(to right, ${data.colours.join(", ")})`;
  find(".note").textContent = data.note;
  slider.oninput = fade;
  fade();
}
