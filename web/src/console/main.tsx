import { render } from 'preact'
import '../parts/tokens.css'
import './console.css'
import './controls.css'
import './panels.css'
import { Gate } from '../parts/session/gate'
import { App } from './shell/app'
import { loadTexts } from './texts'
import './narrow.css' // after the styles of all parts

const place = document.getElementById('page')
if (!place) throw new Error('the page has no place for its content')

const { texts, language } = await loadTexts()
document.title = texts.title
render(
  <Gate group="staff" page={texts.title}>
    {(person) => <App person={person} texts={texts} language={language} />}
  </Gate>,
  place,
)
