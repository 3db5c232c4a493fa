/** Reads barcodes from frames of the camera. It runs apart from the page, whose policy lets no WebAssembly run. */

import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

prepareZXingModule({ overrides: { locateFile: (file: string) => new URL(file, self.location.href).href } })

self.addEventListener('message', (event: MessageEvent<ImageData>) => {
  const read = async (): Promise<void> => {
    try {
      const found = await readBarcodes(event.data, { maxNumberOfSymbols: 4, tryHarder: true })
      self.postMessage({ codes: found.filter((one) => one.isValid).map((one) => one.text) })
    } catch (error) {
      self.postMessage({ failed: String(error) })
    }
  }
  void read()
})
