/**
 * What is typed, by subject; each is a transcript beside this file. The commands of a transcript follow each other
 * in one cluster with the objects of `objects.yaml`. Time passes between them, and after `~` while one waits.
 */
export const commands: Readonly<Record<string, string>> = {
  reading: `
    get ns
    get nodes -o wide
    get all
    get deploy,rs,ds,sts -o wide
    get svc,endpointslices -o wide
    get cm,sa,secret
    get nothing
    create -f own-access.yaml
  `,
  selecting: `
    get pods -l app=web -o name
    get pods --field-selector=status.phase=Pending
    get deploy web -o jsonpath={.status.readyReplicas}
    get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName
    get pod nothing
  `,
  discovering: `
    api-versions
    api-resources
    api-resources --namespaced=false -o name
    api-resources --api-group=apps -o wide
    get --raw /healthz
    get --raw /readyz?verbose
    get pods -A -o wide
    get pods --show-labels
    get pods -L app,team
    get pods --sort-by=.metadata.name
    get pods -l app=nothing
    get pods -n nowhere
    get deploy web -o yaml
    get deploy web -o json
    get deploy web -o go-template={{.metadata.name}}
    get svc web -o yaml
    get sts db -o yaml
    get ds ds -o yaml
    get events -o custom-columns=TYPE:.type,REASON:.reason,MESSAGE:.message --sort-by=.metadata.name
    events --for=deployment/web
    get leases -A
    get controllerrevisions
    get clusterroles,clusterrolebindings
    get pc
    get crd
    get hpa,pdb,netpol,quota,limits
    get ingress
    get pods --chunk-size=1
  `,
  describing: `
    describe deploy web
    describe rs -l app=web
    describe pod db-0
    describe sts db
    describe ds ds
    describe svc web
    describe endpointslice
    describe node ip-10-42-10-10.us-west-2.compute.internal
    describe ns cmp
    describe sa web
    describe cm settings
    logs db-0
    logs deploy/web --tail=1
    logs -l app=web --prefix
    logs nothing
    logs db-0 -c nothing
    logs db-0 -p
  `,
  explaining: `
    explain pod
    explain deployment.spec.strategy
    explain pods.spec.containers.env --recursive
    explain svc.spec.ports.targetPort
    explain node.status.capacity
    explain selfsubjectaccessreview.spec
    explain tokenreview
    explain hpa --api-version=autoscaling/v1
    explain pod.spec.nothing
    explain nothing
    explain pod --output plaintext-openapiv2
  `,
  access: `
    auth can-i get pods
    auth can-i --list
    auth can-i get pods --as=system:serviceaccount:cmp:web
    auth whoami
    create -f access.yaml -o yaml
    create -f token.yaml -o yaml
    create -f bad-review.yaml
    create role reader --verb=get --resource=pods
    create rolebinding reader --role=reader --serviceaccount=cmp:web
    create clusterrole nodes --verb=get,list --resource=nodes
    create clusterrolebinding nodes --clusterrole=nodes --user=somebody
    create clusterrole all --aggregation-rule=part=all
    get clusterrole all -o jsonpath={.aggregationRule}
    describe role reader
    describe rolebinding reader
    get roles,rolebindings -o wide
    auth can-i get pods --as=system:serviceaccount:cmp:web
    get deploy --as=somebody
    get deploy --as=somebody --as-group=system:masters
  `,
  creating: `
    create ns other
    create deployment idle --image=nginx --replicas=0
    get deploy idle -o yaml
    create configmap one --from-literal=a=b
    create secret generic one --from-literal=a=b
    get secret one -o jsonpath={.data}
    describe secret one
    create sa second
    create service clusterip plain --tcp=80:8080
    create service externalname outside --external-name=example.com
    expose deploy web --name=again --port=80
    get svc
    create -f nightly.yaml
    create job now --from=cronjob/nightly
    get job now -o jsonpath={.spec.template.spec}
    get job now -o jsonpath={.metadata.ownerReferences[0].name}
    create job once --image=busybox -- sleep 1
    get jobs,cj -o wide
    describe cj nightly
    create quota few --hard=pods=20,requests.cpu=1
    describe quota few
    delete quota few
    create pdb web --selector=app=web --max-unavailable=50%
    get pdb
    describe pdb web
    create priorityclass high --value=1000
    autoscale deploy web --min=1 --max=3 --cpu-percent=50
    get hpa
    describe hpa web
    run alone --image=nginx
    run alone --image=nginx
    get pod alone
    create -f misspelt.yaml
    apply -f misspelt.yaml --validate=warn
    create ingress way --rule=example.com/a=web:80
  `,
  changing: `
    apply -f objects.yaml
    diff -f changed.yaml
    apply -f changed.yaml
    apply -f changed.yaml
    apply -f objects.yaml --server-side
    apply -f objects.yaml --dry-run=server
    apply -f objects.yaml --dry-run=client -o name
    replace -f changed.yaml
    label pod db-0 a=b
    label pod db-0 a=c
    label pod db-0 a=c --overwrite
    label pod db-0 a-
    label pod db-0 "bad key=1"
    annotate deploy/web note=hello
    annotate deploy/web note-
    patch deploy web -p '{"spec":{"replicas":3}}'
    patch deploy web --type=merge -p '{"spec":{"replicas":3}}'
    patch deploy web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":2}]'
    patch deploy web --type=json -p '[{"op":"remove","path":"/spec/nothing"}]'
    patch deploy web -p '{"spec":{"replicas":"x"}}'
    patch deploy web -p '{"spec":{"selector":{"matchLabels":{"app":"z"}}}}'
    patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'
    scale deploy/web --replicas=3
    scale deploy/web --current-replicas=9 --replicas=3
    scale sts/db --replicas=2
    scale ds/ds --replicas=2
    set image deploy/web web=nginx:1.28
    set env deploy/web A=b
    set env deploy/web --list
    set resources deploy/web --requests=cpu=100m
    set serviceaccount deploy web default
    set selector svc web app=web
  `,
  rollouts: `
    rollout status deploy/web
    rollout status ds/ds
    rollout status sts/db
    rollout history deploy/web
    rollout history deploy/web --revision=1
    rollout history ds/ds
    rollout restart deploy/web
    rollout status deploy/web
    rollout undo deploy/web
    rollout undo deploy/web --to-revision=9
    rollout pause deploy/web
    rollout restart deploy/web
    rollout resume deploy/web
    rollout restart ds/ds sts/db
    rollout undo ds/ds
    wait deploy/web --for=condition=Available --timeout=10s
    wait pod/db-0 --for=condition=Ready --timeout=10s
    wait pod/db-0 --for=jsonpath={.status.phase}=Running --timeout=10s
  `,
  nodes: `
    cordon ip-10-42-10-10.us-west-2.compute.internal
    get nodes
    ~ drain ip-10-42-10-10.us-west-2.compute.internal
    ~ drain ip-10-42-10-10.us-west-2.compute.internal --ignore-daemonsets --timeout=60s
    get pods -o wide --sort-by=.spec.nodeName
    uncordon ip-10-42-10-10.us-west-2.compute.internal
    taint node ip-10-42-10-10.us-west-2.compute.internal k=v:NoSchedule
    taint node ip-10-42-10-10.us-west-2.compute.internal k=v:NoSchedule-
    label node ip-10-42-10-10.us-west-2.compute.internal disk=fast
    top nodes
    top pods
  `,
  deleting: `
    ~ delete pod db-0
    delete pod nothing
    delete pod nothing --ignore-not-found
    ~ delete pod db-0 --force --grace-period=0
    ~ delete deploy web --cascade=orphan
    get rs
    ~ delete rs --all
    ~ delete cm/settings sa/web
    delete -f objects.yaml --wait=false
    delete ns cmp --wait=false
    get ns
    ~ wait ns/cmp --for=delete --timeout=60s
    get ns
  `,
}
