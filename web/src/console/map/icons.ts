/** Marks that are drawn on the device: drivers are told apart by shape as well as by colour. */

export const ICONS = ['driver-idle', 'driver-busy', 'driver-late', 'driver-suspended'] as const
export type Icon = (typeof ICONS)[number]

const SIZE = 44

interface Look {
  fill: string
  rim: string
  mark: 'ring' | 'dot' | 'bang' | 'cross'
}

const LOOKS: Record<Icon, (dark: boolean) => Look> = {
  'driver-idle': (dark) => ({ fill: dark ? '#131514' : '#fffefb', rim: dark ? '#62d3a8' : '#0b6b4f', mark: 'ring' }),
  'driver-busy': (dark) => ({ fill: dark ? '#62d3a8' : '#0b6b4f', rim: dark ? '#10120f' : '#fffefb', mark: 'dot' }),
  'driver-late': (dark) => ({ fill: dark ? '#ff9c86' : '#a3341f', rim: dark ? '#10120f' : '#fffefb', mark: 'bang' }),
  'driver-suspended': (dark) => ({ fill: dark ? '#5a5c56' : '#8a8c86', rim: dark ? '#10120f' : '#fffefb', mark: 'cross' }),
}

/** The picture of a mark. */
export function icon(name: Icon, dark: boolean): ImageData {
  const { fill, rim, mark } = LOOKS[name](dark)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  const ink = canvas.getContext('2d', { willReadFrequently: true })
  if (!ink) throw new Error('this browser draws nothing')
  const middle = SIZE / 2
  ink.lineWidth = 5
  ink.fillStyle = fill
  ink.strokeStyle = rim
  ink.beginPath()
  ink.arc(middle, middle, middle - 4, 0, 2 * Math.PI)
  ink.fill()
  ink.stroke()
  ink.fillStyle = ink.strokeStyle = rim
  if (mark === 'dot') {
    ink.beginPath()
    ink.arc(middle, middle, 6, 0, 2 * Math.PI)
    ink.fill()
  }
  if (mark === 'bang') {
    ink.fillRect(middle - 3, middle - 12, 6, 14)
    ink.fillRect(middle - 3, middle + 6, 6, 6)
  }
  if (mark === 'cross') {
    ink.beginPath()
    for (const turn of [-1, 1]) {
      ink.moveTo(middle - 8, middle - 8 * turn)
      ink.lineTo(middle + 8, middle + 8 * turn)
    }
    ink.stroke()
  }
  return ink.getImageData(0, 0, SIZE, SIZE)
}
