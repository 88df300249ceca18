using System.Globalization;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>A field of a message: its JSON name and its type, repeated or a map where that is said.</summary>
internal sealed record ProtoField(string Name, string Type, bool Repeated, bool Map);

/// <summary>
/// The numbers of the fields of what typed Go clients send as protobuf. Helm's release Secrets come this way, and
/// everything that kubectl creates with its typed client.
/// </summary>
internal static class ProtoTypes
{
    private const string Text = """
        Unknown = 1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string
        TypeMeta = 1 apiVersion string, 2 kind string
        ObjectMeta = 1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int, 11 labels {string}, 12 annotations {string}, 13 ownerReferences [OwnerReference], 14 finalizers [string], 17 managedFields [ManagedFieldsEntry]
        OwnerReference = 1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, 7 blockOwnerDeletion bool
        ManagedFieldsEntry = 1 manager string, 2 operation string, 3 apiVersion string, 4 time Time, 6 fieldsType string, 7 fieldsV1 FieldsV1, 8 subresource string
        ObjectReference = 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string
        LocalObjectReference = 1 name string
        Secret = 1 metadata ObjectMeta, 2 data {bytes}, 3 type string, 4 stringData {string}, 5 immutable bool
        ConfigMap = 1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}, 4 immutable bool
        Namespace = 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
        NamespaceSpec = 1 finalizers [string]
        NamespaceStatus = 1 phase string
        ServiceAccount = 1 metadata ObjectMeta, 2 secrets [ObjectReference], 3 imagePullSecrets [LocalObjectReference], 4 automountServiceAccountToken bool
        DeleteOptions = 1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun [string]
        Preconditions = 1 uid string, 2 resourceVersion string
        Scale = 1 metadata ObjectMeta, 2 spec ScaleSpec, 3 status ScaleStatus
        ScaleSpec = 1 replicas int
        ScaleStatus = 1 replicas int, 2 selector string
        TokenRequest = 1 metadata ObjectMeta, 2 spec TokenRequestSpec
        TokenRequestSpec = 1 audiences [string], 4 expirationSeconds int
        Eviction = 1 metadata ObjectMeta, 2 deleteOptions DeleteOptions
        Binding = 1 metadata ObjectMeta, 2 target ObjectReference
        Event = 1 metadata ObjectMeta, 2 involvedObject ObjectReference, 3 reason string, 4 message string, 5 source EventSource, 6 firstTimestamp Time, 7 lastTimestamp Time, 8 count int, 9 type string, 10 eventTime Time, 12 action string, 13 related ObjectReference, 14 reportingComponent string, 15 reportingInstance string
        EventSource = 1 component string, 2 host string
        Lease = 1 metadata ObjectMeta, 2 spec LeaseSpec
        LeaseSpec = 1 holderIdentity string, 2 leaseDurationSeconds int, 3 acquireTime Time, 4 renewTime Time, 5 leaseTransitions int
        SelfSubjectAccessReview = 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec
        SelfSubjectAccessReviewSpec = 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
        ResourceAttributes = 1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string
        NonResourceAttributes = 1 path string, 2 verb string
        SelfSubjectRulesReview = 1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec
        SelfSubjectRulesReviewSpec = 1 namespace string
        SelfSubjectReview = 1 metadata ObjectMeta
        """;

    private static readonly Dictionary<string, Dictionary<int, ProtoField>> _messages = Parse();

    public static Dictionary<int, ProtoField>? Find(string message) => _messages.GetValueOrDefault(message);

    private static Dictionary<string, Dictionary<int, ProtoField>> Parse()
    {
        var messages = new Dictionary<string, Dictionary<int, ProtoField>>(StringComparer.Ordinal);
        foreach (var line in Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, fields) = line.Split(" = ") is [var left, var right] ? (left.Trim(), right) : throw new FormatException(line);
            messages[name] = fields
                .Split(", ")
                .Select(f => f.Trim().Split(' '))
                .ToDictionary(
                    f => int.Parse(f[0], CultureInfo.InvariantCulture),
                    f => new ProtoField(f[1], f[2].Trim('[', ']', '{', '}'), f[2][0] == '[', f[2][0] == '{')
                );
        }

        return messages;
    }
}
