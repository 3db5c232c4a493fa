/** The `detail` of a problem; null if the answer is no problem, as that of a proxy. */
export function detailOf(error: unknown): string | null {
  const detail = (error as { detail?: unknown } | null | undefined)?.detail
  return typeof detail === 'string' && detail ? detail : null
}
