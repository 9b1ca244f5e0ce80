/** The files that the commands of the transcripts name, by their names. */
export const files: Readonly<Record<string, string>> = {
  'objects.yaml': `
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: cmp}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: cmp}
data: {A: "1"}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: cmp}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080, name: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: cmp, labels: {team: a}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
      - {name: web, image: "nginx:1.27", ports: [{containerPort: 8080}], envFrom: [{configMapRef: {name: settings}}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: cmp}
spec:
  serviceName: db
  replicas: 1
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "postgres:16"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ds, namespace: cmp}
spec:
  selector: {matchLabels: {app: ds}}
  template:
    metadata: {labels: {app: ds}}
    spec: {containers: [{name: ds, image: "busybox:1"}]}
`,
  'changed.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: cmp}
data: {A: "2"}
`,
  'misspelt.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: misspelt, namespace: cmp}
dat: {A: "1"}
`,
  'own-access.yaml': `
apiVersion: authorization.k8s.io/v1
kind: SelfSubjectAccessReview
spec: {resourceAttributes: {verb: get, resource: pods, namespace: cmp}}
`,
  'access.yaml': `
apiVersion: authorization.k8s.io/v1
kind: SubjectAccessReview
spec: {user: somebody, resourceAttributes: {verb: get, resource: pods, namespace: cmp}}
`,
  'bad-review.yaml': `
apiVersion: authorization.k8s.io/v1
kind: SubjectAccessReview
spec: {usr: somebody}
`,
  'token.yaml': `
apiVersion: authentication.k8s.io/v1
kind: TokenReview
spec: {token: nobodys}
`,
  'nightly.yaml': `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: cmp}
spec:
  schedule: "0 0 1 1 *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          volumes:
          - {name: scratch, emptyDir: {sizeLimit: 1Mi}}
          - {name: settings, configMap: {name: settings, optional: true}}
          containers:
          - name: clean
            image: busybox:1
            command: [sleep, "1"]
            envFrom: [{configMapRef: {name: settings}}]
            env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
            resources: {requests: {cpu: 10m}}
            livenessProbe: {exec: {command: ["true"]}}
            volumeMounts: [{name: scratch, mountPath: /scratch}]
`,
}
