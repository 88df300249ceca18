{{/* Parts that the pods of all components share. */}}

{{/* Pod security 'restricted', with the caller's values laid over it. */}}
{{- define "gateway.podSecurityContext" -}}
{{- $own := dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault") }}
{{- mergeOverwrite $own (deepCopy (. | default dict)) | toYaml }}
{{- end }}

{{- define "gateway.securityContext" -}}
{{- $own := dict "runAsNonRoot" true "readOnlyRootFilesystem" true "allowPrivilegeEscalation" false "capabilities" (dict "drop" (list "ALL")) "seccompProfile" (dict "type" "RuntimeDefault") }}
{{- mergeOverwrite $own (deepCopy (. | default dict)) | toYaml }}
{{- end }}

{{/* A probe whose httpGet or tcpSocket names no port gets the given one: dict "probe" {} "port" "http". */}}
{{- define "gateway.probe" -}}
{{- $probe := dict }}
{{- range $key, $value := .probe }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $probe $key (deepCopy $value) }}{{ end }}
{{- end }}
{{- range $handler := list "httpGet" "tcpSocket" }}
{{- with get $probe $handler }}
{{- if not .port }}{{ $_ := set . "port" $.port }}{{ end }}
{{- end }}
{{- end }}
{{- toYaml $probe }}
{{- end }}

{{/* The scratch volume a read-only root file system needs, unless the caller brings one. */}}
{{- define "gateway.volumes" -}}
{{- $names := list }}
{{- range . }}{{ $names = append $names .name }}{{ end }}
{{- $own := has "tmp" $names | ternary list (list (dict "name" "tmp" "emptyDir" (dict "sizeLimit" "1Gi"))) }}
{{- concat $own . | toYaml }}
{{- end }}

{{- define "gateway.volumeMounts" -}}
{{- $paths := list }}
{{- range . }}{{ $paths = append $paths (trimSuffix "/" .mountPath) }}{{ end }}
{{- $own := has "/tmp" $paths | ternary list (list (dict "name" "tmp" "mountPath" "/tmp")) }}
{{- concat $own . | toYaml }}
{{- end }}

{{/* Spread constraints without a selector of their own count this component's pods: dict "constraints" [] "selector" "yaml". */}}
{{- define "gateway.spread" -}}
{{- $list := list }}
{{- range .constraints }}
{{- $one := deepCopy . }}
{{- if not $one.labelSelector }}{{ $_ := set $one "labelSelector" (dict "matchLabels" ($.selector | fromYaml)) }}{{ end }}
{{- $list = append $list $one }}
{{- end }}
{{- toYaml $list }}
{{- end }}

{{/* Pull secrets the caller names, and those the chart creates. */}}
{{- define "gateway.pullSecrets" -}}
{{- $list := .Values.imagePullSecrets }}
{{- range .Values.imageCredentials }}
{{- if ne .username "<docker-user>" }}{{ $list = append $list (dict "name" .name) }}{{ end }}
{{- end }}
{{- with $list | uniq }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Scheduling and DNS, the same keys for gateway and data service. */}}
{{- define "gateway.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .hostAlias }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .dnsPolicy }}
dnsPolicy: {{ . }}
{{- end }}
{{- with .dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Body of an HPA spec below its target: the autoscaling values of either component. */}}
{{- define "gateway.scaling" -}}
minReplicas: {{ .minReplicas }}
maxReplicas: {{ .maxReplicas }}
metrics:
  {{- range $resource, $target := dict "cpu" .targetCPUUtilizationPercentage "memory" .targetMemoryUtilizationPercentage }}
  {{- if $target }}
  - type: Resource
    resource:
      name: {{ $resource }}
      target:
        type: Utilization
        averageUtilization: {{ $target }}
  {{- end }}
  {{- end }}
behavior:
  scaleUp:
    stabilizationWindowSeconds: {{ .behavior.scaleUp.stabilizationWindowSeconds }}
    selectPolicy: Max
    policies:
      - type: Pods
        value: {{ .behavior.scaleUp.podScaleUpValue }}
        periodSeconds: {{ .behavior.scaleUp.periodSeconds }}
      - type: Percent
        value: {{ .behavior.scaleUp.percentScaleUpValue }}
        periodSeconds: {{ .behavior.scaleUp.periodSeconds }}
  scaleDown:
    stabilizationWindowSeconds: {{ .behavior.scaleDown.stabilizationWindowSeconds }}
    policies:
      - type: Pods
        value: {{ .behavior.scaleDown.podScaleDownValue }}
        periodSeconds: {{ .behavior.scaleDown.periodSeconds }}
{{- end }}
