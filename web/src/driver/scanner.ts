/** Barcodes from the camera: by the browser where it can, else by a reader in a worker. */

export type ScanTrouble = 'denied' | 'failed'

/** The camera can't be used, with the reason. */
export class ScanError extends Error {
  override name = 'ScanError'

  constructor(readonly trouble: ScanTrouble) {
    super(trouble)
  }
}

type Reader = { read: (video: HTMLVideoElement) => Promise<string[]>; close: () => void }

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>
}
interface DetectorClass {
  new (): Detector
  getSupportedFormats: () => Promise<string[]>
}

const PAUSE_MS = 150
const LONGEST_READ_MS = 5000
const MOST_PIXELS_WIDE = { parcel: 960, document: 1920 }
const WORKER = '/scan/worker.js'
/** Formats of codes on parcels and on cards; a browser's detector without all of these is not used. */
const FORMATS = { parcel: ['code_128', 'data_matrix', 'qr_code'], document: ['pdf417'] }

/** The things that can be scanned; the barcode of a document is finer, so its picture is larger. */
export type Scanned = keyof typeof FORMATS

/** Start the camera in an element and call `found` for each code, until the answer is called. */
export async function scan(video: HTMLVideoElement, found: (code: string) => void, what: Scanned): Promise<() => void> {
  const stream = await camera(what)
  const end = (): void => stream.getTracks().forEach((track) => track.stop())
  const over = new AbortController()
  try {
    video.srcObject = stream
    await video.play()
    const reader = (await byBrowser(what)) ?? byWorker(what)
    const look = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const codes = await reader.read(video).catch(() => [])
        if (over.signal.aborted) break
        for (const code of codes) found(code)
        await new Promise((then) => setTimeout(then, PAUSE_MS))
      }
      reader.close()
    }
    void look()
  } catch {
    end()
    throw new ScanError('failed')
  }
  return () => {
    over.abort()
    end()
    video.srcObject = null
  }
}

async function camera(what: Scanned): Promise<MediaStream> {
  const width = { ideal: what === 'document' ? 1920 : 1280 }
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width } })
  } catch (error) {
    throw new ScanError((error as Error).name === 'NotAllowedError' ? 'denied' : 'failed')
  }
}

async function byBrowser(what: Scanned): Promise<Reader | null> {
  const { BarcodeDetector: Detecting } = globalThis as { BarcodeDetector?: DetectorClass }
  const formats = (await Detecting?.getSupportedFormats().catch(() => [])) ?? []
  if (!Detecting || !FORMATS[what].every((format) => formats.includes(format))) return null
  const detector = new Detecting()
  return {
    read: async (video) => (await detector.detect(video)).map((one) => one.rawValue),
    close: () => {},
  }
}

function byWorker(what: Scanned): Reader {
  const worker = new Worker(WORKER)
  const canvas = document.createElement('canvas')
  const ink = canvas.getContext('2d', { willReadFrequently: true })
  const read = (video: HTMLVideoElement): Promise<string[]> =>
    new Promise((resolve, reject) => {
      const wide = Math.min(MOST_PIXELS_WIDE[what], video.videoWidth)
      if (!ink || !wide) return resolve([])
      canvas.width = wide
      canvas.height = Math.round((wide * video.videoHeight) / video.videoWidth)
      ink.drawImage(video, 0, 0, canvas.width, canvas.height)
      const timer = setTimeout(() => reject(new Error('the reader takes too long')), LONGEST_READ_MS)
      worker.addEventListener(
        'message',
        ({ data }: MessageEvent<{ codes?: string[] }>) => {
          clearTimeout(timer)
          resolve(data.codes ?? [])
        },
        { once: true },
      )
      const frame = ink.getImageData(0, 0, canvas.width, canvas.height)
      worker.postMessage(frame, [frame.data.buffer])
    })
  return { read, close: () => worker.terminate() }
}
