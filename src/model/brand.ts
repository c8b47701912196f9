// How mails and pages look: the operator's name, color and logo.

export interface Brand {
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
  /** Null for the name as text. */
  readonly logo: Logo | null;
  /** Where people go on; null if there is no such place. */
  readonly url: string | null;
}

export interface Logo {
  readonly mediaType: 'image/png' | 'image/svg+xml';
  readonly bytes: Uint8Array;
}

/** Black or white, whichever is easier to read on this color: the one with the larger contrast ratio (WCAG 2.2). */
export function textColorOn(color: string): '#000000' | '#ffffff' {
  const luminance = luminanceOf(color);
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? '#000000' : '#ffffff';
}

/** Relative luminance of `#rrggbb`, from 0 to 1. */
function luminanceOf(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
