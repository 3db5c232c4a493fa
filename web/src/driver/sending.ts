/** Sending for the queue: with the token of the driver who is signed in, and with a new one if it was refused. */

import { session } from '../parts/session/session'
import { SignInNeededError } from './queue'

async function tokenOf(owner: string, refused: string | null): Promise<string> {
  const token = refused === null ? await session.token() : await session.renewed(refused)
  if (!token || session.state.person?.username !== owner) throw new SignInNeededError()
  return token
}

export async function send(request: Request, owner: string): Promise<Response> {
  const again = request.clone() // a body can be sent only once
  const token = await tokenOf(owner, null)
  request.headers.set('Authorization', `Bearer ${token}`)
  const response = await fetch(request)
  if (response.status !== 401) return response
  const renewed = await tokenOf(owner, token)
  if (renewed === token) return response
  again.headers.set('Authorization', `Bearer ${renewed}`)
  return fetch(again)
}

