{{- define "stillpoint.name" -}}
{{- printf "%s-control" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "stillpoint.labels" -}}
app.kubernetes.io/name: stillpoint
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: control
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "stillpoint.selector" -}}
app.kubernetes.io/name: stillpoint
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: control
{{- end -}}
