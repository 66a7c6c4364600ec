// What has the focus, and how well that can be seen.

// The names of all that Tab should reach.
export async function focusables(page) {
  await teach(page);
  return page.evaluate(() =>
    [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
      .filter((element) => !element.disabled && element.checkVisibility({ visibilityProperty: true }))
      .map(window.endToEnd.nameOf));
}

// The element with the focus: its name, its outline, and whether it can be seen.
export async function focused(page) {
  await teach(page);
  return page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    // The middle of a link that goes on in a second line may be beside both.
    const [box] = element.getClientRects();
    const onTop = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
      name: window.endToEnd.nameOf(element),
      outline: {
        style: outlineStyle,
        width: Number.parseFloat(outlineWidth),
        contrast: window.endToEnd.contrast(outlineColor, getComputedStyle(document.body).backgroundColor),
      },
      isUncovered: element.contains(onTop),
    };
  });
}

function teach(page) {
  return page.evaluate(() => {
    window.endToEnd ??= { nameOf, contrast };

    function nameOf(element) {
      const text = element.ariaLabel ?? element.labels?.[0]?.innerText ?? element.innerText;
      return text.replaceAll(/\s+/g, " ").trim();
    }

    // WCAG 2.2, "contrast ratio", of any two colours that CSS knows.
    function contrast(one, other) {
      const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
      return (light + 0.05) / (dark + 0.05);
    }

    function luminance(color) {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d");
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((level) => {
        const share = level / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    }
  });
}
