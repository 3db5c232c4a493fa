import type { FunctionComponent, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { addressOf, useAddress } from './address'
import { type App, AppContext } from './app'
import { EarningsIcon, HelpIcon, MoreIcon, OffersIcon, RouteIcon } from './icons'
import { DutyScreen } from './screens/duty'
import { EarningsScreen } from './screens/earnings'
import { EndedScreen } from './screens/ended'
import { FailScreen } from './screens/fail'
import { HandOverScreen } from './screens/hand_over'
import { HelpScreen } from './screens/help'
import { MessagesScreen } from './screens/messages'
import { MoreScreen } from './screens/more'
import { OfferScreen } from './screens/offer'
import { OffersScreen } from './screens/offers'
import { RouteScreen } from './screens/route'
import { lazily } from './parts/lazily'
import { StopScreen } from './screens/stop'
import { WaitingScreen } from './screens/waiting'
import { FullLine, PlanLine, PositionLine, UpdateLine, WaitingLine } from './told'
import { UndoBar } from './undo'

/** Seldom opened, and loaded when they are. */
const WhyScreen = lazily<{ id: string }>(async () => (await import('./rights/why')).WhyScreen)
const DataScreen = lazily<{ id: string }>(async () => (await import('./rights/data')).DataScreen)
const DocumentsScreen = lazily<{ id: string }>(async () => (await import('./documents/screen')).DocumentsScreen)
const TrainingScreen = lazily<{ id: string }>(async () => (await import('./documents/training')).TrainingScreen)
const WorkScreen = lazily(async () => (await import('./conduct/work')).workScreen())
const ExtraPayScreen = lazily(async () => (await import('./extra/extra_pay')).extraPayScreen())
const FloorsScreen = lazily(async () => (await import('./floors/floors')).floorsScreen())
const PayoutsScreen = lazily(async () => (await import('./payouts/screen')).payoutsScreen())
const BlocksScreen = lazily(async () => (await import('./extra/blocks')).blocksScreen())
const ClaimsScreen = lazily(async () => (await import('./claims/claims')).claimsScreen())
const StandingScreen = lazily(async () => (await import('./conduct/standing')).standingScreen())
const OnboardingScreen = lazily<{ id: string }>(async () => (await import('./onboarding/onboarding')).OnboardingScreen)
const TaxScreen = lazily(async () => (await import('./tax/screen')).taxScreen())
const MoneyScreen = lazily(async () => (await import('./onboarding/money')).MoneyScreen)

/** A screen by the first part of its address. Each is given the second part. */
const SCREENS: Record<string, FunctionComponent<{ id: string }>> = {
  route: RouteScreen,
  stop: StopScreen,
  do: HandOverScreen,
  fail: FailScreen,
  ended: EndedScreen,
  offers: OffersScreen,
  offer: OfferScreen,
  duty: DutyScreen,
  earnings: EarningsScreen,
  help: HelpScreen,
  messages: MessagesScreen,
  more: MoreScreen,
  money: MoneyScreen,
  tax: TaxScreen,
  onboarding: OnboardingScreen,
  waiting: WaitingScreen,
  why: WhyScreen,
  data: DataScreen,
  documents: DocumentsScreen,
  training: TrainingScreen,
  work: WorkScreen,
  standing: StandingScreen,
  claims: ClaimsScreen,
  extra: ExtraPayScreen,
  blocks: BlocksScreen,
  floors: FloorsScreen,
  payouts: PayoutsScreen,
}

type Part = 'route' | 'offers' | 'earnings' | 'help' | 'more'

/** The parts that are always one tap away, with the screens that belong to each. */
const PARTS: { part: Part; Icon: () => JSX.Element; screens: readonly string[] }[] = [
  { part: 'route', Icon: RouteIcon, screens: ['route', 'stop', 'do', 'fail', 'ended', 'waiting', 'duty'] },
  { part: 'offers', Icon: OffersIcon, screens: ['offers', 'offer', 'why'] },
  { part: 'earnings', Icon: EarningsIcon, screens: ['earnings', 'floors', 'payouts'] },
  { part: 'help', Icon: HelpIcon, screens: ['help', 'messages'] },
  {
    part: 'more',
    Icon: MoreIcon,
    screens: ['more', 'money', 'tax', 'data', 'documents', 'training', 'work', 'standing', 'claims', 'extra', 'blocks'],
  },
]

/** Screens of whoever applies: their application, and what belongs to it. */
const OF_APPLICANTS: readonly string[] = ['onboarding', 'documents', 'training', 'help', 'messages', 'more']
const PARTS_OF_APPLICANTS: readonly Part[] = ['help', 'more']

export function Shell({ app, full, forgive }: { app: App; full: boolean; forgive: () => void }) {
  const { screen, id } = useAddress()
  const applies = app.me.value?.onboarding ?? false
  const known = SCREENS[screen]
  const Screen = applies ? ((OF_APPLICANTS.includes(screen) && known) || OnboardingScreen) : (known ?? RouteScreen)
  const shown = applies ? PARTS.filter(({ part }) => PARTS_OF_APPLICANTS.includes(part)) : PARTS
  const { texts } = app
  const offers = app.offers.value?.offers.length ?? 0
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useEffect(() => {
    // A new screen is read from its beginning, as a new page would be.
    main.current?.scrollTo(0, 0)
    if (!first.current) main.current?.focus({ preventScroll: true })
    first.current = false
  }, [screen, id])

  return (
    <AppContext.Provider value={app}>
      <div class="frame">
        <main class="screen" tabIndex={-1} ref={main}>
          <WaitingLine />
          {full && <FullLine forgive={forgive} />}
          <UpdateLine />
          <PositionLine />
          <PlanLine />
          <Screen key={`${screen}/${id}`} id={id} />
        </main>
        <div class="foot">
          <UndoBar />
          <nav class="parts" aria-label={texts.parts_label}>
            {applies && (
              <a href={addressOf('onboarding')} aria-current={Screen === OnboardingScreen ? 'page' : undefined}>
                <RouteIcon />
                <span>{texts.onboarding.part}</span>
              </a>
            )}
            {shown.map(({ part, Icon, screens }) => (
              <a key={part} href={addressOf(part)} aria-current={screens.includes(screen) ? 'page' : undefined}>
                <Icon />
                <span>{texts.parts[part]}</span>
                {part === 'offers' && offers > 0 && <b class="badge">{offers}</b>}
              </a>
            ))}
          </nav>
        </div>
      </div>
    </AppContext.Provider>
  )
}
