import type { ApiServer } from '../../../../local/kubernetes/api/server.ts'

/** A kubeconfig of the administrator, whose token is `admin-token`. */
export const adminConfig = ({ url, caData }: Pick<ApiServer, 'url' | 'caData'>, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    {
      name: 'local',
      cluster: { server: url, 'certificate-authority-data': Buffer.from(caData).toString('base64') },
    },
  ],
  users: [{ name: 'me', user: { token: 'admin-token' } }],
  contexts: [{ name: 'local', context: { cluster: 'local', user: 'me', namespace } }],
  'current-context': 'local',
})
