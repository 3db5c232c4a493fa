/** Dragging by mouse. Buttons do the same for everybody else. */

import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export const ORDER = 'application/x-delivery'
export const STOP = 'application/x-stop'

/** Let an element be dragged as an id of a kind; null if it stays. */
export function useDrag(element: RefObject<HTMLElement | null>, kind: string, id: string | null): void {
  useEffect(() => {
    const found = element.current
    if (!found || id === null) return
    const start = ({ dataTransfer }: DragEvent): void => dataTransfer?.setData(kind, id)
    found.draggable = true
    found.addEventListener('dragstart', start)
    return () => {
      found.draggable = false
      found.removeEventListener('dragstart', start)
    }
  }, [kind, id])
}

/** Take what is dropped on an element, if it is of a kind. */
export function useDrop(element: RefObject<HTMLElement | null>, kind: string, dropped: (id: string, event: DragEvent) => void): void {
  const newest = useRef(dropped)
  newest.current = dropped
  useEffect(() => {
    const found = element.current
    if (!found) return
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes(kind)) event.preventDefault()
    }
    const drop = (event: DragEvent): void => {
      const id = event.dataTransfer?.getData(kind)
      if (!id) return
      event.preventDefault()
      newest.current(id, event)
    }
    found.addEventListener('dragover', over)
    found.addEventListener('drop', drop)
    return () => {
      found.removeEventListener('dragover', over)
      found.removeEventListener('drop', drop)
    }
  }, [kind])
}
