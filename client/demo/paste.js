// Pictures pasted anywhere on the page go the way of chosen files: into the uploader's own input, so that there is one way in.

export default function () {
  const paste = (event) => {
    const input = document.querySelector('[data-testid="stFileUploaderDropzoneInput"]');
    const pictures = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!input || !pictures.length) return;
    event.preventDefault();
    const files = new DataTransfer();
    for (const file of pictures) files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}
