import { render } from 'preact'
import { Page } from './app.tsx'
import type { PageData } from './live.ts'
import './page.css'

const data = JSON.parse(document.querySelector('#data')?.textContent ?? '') as PageData
const place = document.querySelector('#page')
if (place) render(<Page data={data} />, place)
