import { enablePodIdentity, template } from './render.ts'

// For the console's Workflow Studio, which takes JSON: `npm run -s asl`.
process.stdout.write(template(enablePodIdentity))
