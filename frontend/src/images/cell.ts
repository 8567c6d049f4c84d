// The cell that images are measured in.

/** Width and height of a cell in the pixels of images, whatever size it is drawn in: as the server tells
 * programs that ask (`Size::CELL_PIXELS`). */
export const CELL = [8, 16] as const;
