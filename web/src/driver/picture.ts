/** Photos and signatures made small enough for a phone that is offline for a day. */

import { sha256 } from './queue/digest'
import type { Picture } from './queue/model'

export const LONGEST_SIDE = 1600
export const MOST_BYTES = 150_000
const FIRST_QUALITY = 0.8
const LEAST_QUALITY = 0.4
const QUALITY_STEP = 0.1
const SIDE_STEP = 0.85
const LEAST_SIDE = 480

/** The file is no picture that this browser can read. */
export class NotAPictureError extends Error {
  override name = 'NotAPictureError'
}

export interface Size {
  width: number
  height: number
}

/** The size at which the longest side has `longest` pixels; never larger than it is. */
export function within({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** The tries, best first: less quality at full size, then smaller and smaller. */
export function* tries(size: Size): Generator<Size & { quality: number }> {
  let longest = Math.min(LONGEST_SIDE, Math.max(size.width, size.height))
  for (let quality = FIRST_QUALITY; quality > LEAST_QUALITY + QUALITY_STEP / 2; quality -= QUALITY_STEP) {
    yield { ...within(size, longest), quality }
  }
  for (; longest >= LEAST_SIDE; longest *= SIDE_STEP) yield { ...within(size, longest), quality: LEAST_QUALITY }
}

/**
 * Make a photo an upright JPEG of about 150 kB, or of `mostBytes`, at most, without the metadata of the camera.
 *
 * The hash is that of the result: exactly these bytes travel.
 *
 * @throws {NotAPictureError} if the browser cannot read it
 */
export async function shrunk(file: Blob, mostBytes = MOST_BYTES): Promise<Picture> {
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new NotAPictureError('This file is no picture that the phone can read. Take a photo, or choose a JPEG or PNG.')
  })
  try {
    let best: Blob | null = null
    for (const { width, height, quality } of tries(image)) {
      best = await drawn(image, width, height, quality)
      if (best.size <= mostBytes) break
    }
    if (!best) throw new NotAPictureError('The picture is empty.')
    return await hashed(best)
  } finally {
    image.close()
  }
}

/** A picture as it is, such as the drawing of a signature. */
export async function hashed(blob: Blob): Promise<Picture> {
  return { blob, sha256: await sha256(await blob.arrayBuffer()) }
}

async function drawn(image: ImageBitmap, width: number, height: number, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height)
  const ink = canvas.getContext('2d')
  if (!ink) throw new NotAPictureError('The phone cannot draw the picture just now. Close other apps and try again.')
  ink.fillStyle = '#fff' // JPEG knows no transparency
  ink.fillRect(0, 0, width, height)
  ink.drawImage(image, 0, 0, width, height)
  return canvas.convertToBlob({ type: 'image/jpeg', quality })
}
