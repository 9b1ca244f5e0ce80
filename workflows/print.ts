import { enablePodIdentity } from './render.ts'
import { template } from './template.ts'

// For the console's Workflow Studio, which takes JSON: `npm run -s asl`.
process.stdout.write(template(enablePodIdentity))
