{{- define "intermission.tag" -}}
{{- if not (kindIs "string" .Values.image.tag) -}}
{{- fail "image.tag is a number, and would lose digits: 1.10 is 1.1. Use --set-string image.tag=…, or quotes in a file." -}}
{{- end -}}
{{- required "image.tag is missing. Set it to what this deploy brings, for example: --set-string image.tag=v1.1" .Values.image.tag -}}
{{- end -}}

{{- define "intermission.image" -}}
{{- $repository := required "image.repository is missing. Set it to the app's own image, without its tag." .Values.image.repository -}}
{{- printf "%s:%s" $repository (include "intermission.tag" .) | quote -}}
{{- end -}}

{{- define "intermission.ownImage" -}}
{{- with .Values.intermission.image -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) | quote -}}
{{- end -}}
{{- end -}}

{{/* It is a label, from which the containers read it, so it must be valid as one. */}}
{{- define "intermission.release" -}}
{{- if not (kindIs "string" .Values.release) -}}
{{- fail "release is a number, and would lose digits: 1.10 is 1.1. Use --set-string release=…, or quotes in a file." -}}
{{- end -}}
{{- $release := .Values.release | default (include "intermission.tag" .) -}}
{{- $remedy := "Set release to another value that changes with every deploy: letters, digits, '-', '_' and '.', a letter or digit at both ends, at most 63 characters." -}}
{{- if gt (len $release) 63 -}}
{{- fail (printf "The release %q has %d characters, and can't be a label. %s" $release (len $release) $remedy) -}}
{{- end -}}
{{- if not (regexMatch "^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$" $release) -}}
{{- fail (printf "The release %q can't be a label. %s" $release $remedy) -}}
{{- end -}}
{{- if regexMatch "(?i)^(latest|current|head|main|master|trunk|stable|production|prod|staging|dev|develop|edge|nightly|default|unknown|release|version)$" $release -}}
{{- fail (printf "The release %q is likely to be the next one's name too, and then old instances can't be told from new ones. %s" $release $remedy) -}}
{{- end -}}
{{- $release -}}
{{- end -}}

{{- define "intermission.metadata" -}}
app.kubernetes.io/name: {{ .Release.Name | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "intermission.releaseVariable" -}}
- name: MAINTENANCE_PAGE_RELEASE
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['app.kubernetes.io/version']
{{- end -}}

{{- define "intermission.storeVariable" -}}
- name: MAINTENANCE_STORE
  valueFrom:
    secretKeyRef:
      name: {{ required "store.secretName is missing. Set it to the Secret that has the store's URL, and store.secretKey to its key." .Values.store.secretName | quote }}
      key: {{ required "store.secretKey is missing. Set it to the key of the Secret under which the store's URL is." .Values.store.secretKey | quote }}
{{- end -}}

{{- define "intermission.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What every pod has. */}}
{{- define "intermission.pod" -}}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.serviceAccountName }}
serviceAccountName: {{ . | quote }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A container that runs a verb and ends. Takes the chart's context as "context", and the words as "verb". */}}
{{- define "intermission.verb" -}}
{{- with .context -}}
{{- if .Values.gateway.enabled -}}
image: {{ include "intermission.ownImage" . }}
{{- with .Values.intermission.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
args: {{ toJson $.verb }}
{{- else -}}
image: {{ include "intermission.image" . }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
command: {{ concat .Values.intermission.command $.verb | toJson }}
{{- end }}
env:
  {{- include "intermission.releaseVariable" . | nindent 2 }}
  {{- include "intermission.storeVariable" . | nindent 2 }}
securityContext: {{- include "intermission.restricted" . | nindent 2 }}
{{- end -}}
{{- end -}}
