import { useEffect, useRef, useState } from 'preact/hooks'
import type { Point } from '../api/types'
import type { Drawing } from '../map/drawing'
import { useSketch } from '../map/sketch'

/** Let corners be dragged on the map while `on`. Corners that were changed by numbers are shown there. */
export function useDrawing(on: boolean, corners: readonly Point[], drawn: (corners: Point[]) => void): void {
  const { chart } = useSketch()
  const [drawing, set] = useState<Drawing | null>(null)
  const newest = useRef({ corners, drawn })
  newest.current = { corners, drawn }
  // Corners that came from the map are there already.
  const fromMap = useRef<readonly Point[] | null>(null)

  useEffect(() => {
    if (!on || !chart) return
    let gone = false
    let opened: Drawing | null = null
    void import('../map/drawing').then(({ openDrawing }) => {
      if (gone) return
      opened = openDrawing(chart.chart, (moved) => {
        fromMap.current = moved
        newest.current.drawn(moved)
      })
      opened.show(newest.current.corners)
      set(opened)
    })
    return () => {
      gone = true
      opened?.close()
      set(null)
    }
  }, [on, chart])
  useEffect(() => {
    if (drawing && corners !== fromMap.current) drawing.show(corners)
  }, [drawing, corners])
}
