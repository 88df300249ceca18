using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Portkey.Portal.Sandbox.Kubelet.Runtime;

namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>The registries of the sandbox: what can be pulled, and who plays it.</summary>
internal sealed partial class ImageCatalogue(KubeletOptions options)
{
    private const string Default = "docker.io/";

    /// <summary>The image, or why a registry would refuse it.</summary>
    public CataloguedImage? Find(string image, out string refusal)
    {
        var (name, tag) = Split(image);
        refusal = Refusal(image, name, tag);
        var start = name switch
        {
            "docker.io/portkeyai/gateway" => Gateway(tag, ref refusal),
            "docker.io/portkeyai/gateway_enterprise" => EnterpriseTag().IsMatch(tag) ? HttpStandIn.Enterprise : null,
            "docker.io/portkeyai/data-service" => IfVersion(tag, start => HttpStandIn.Ready(start, 8081)),
            "docker.io/library/redis" or "docker.io/valkey/valkey" => IfVersion(tag, RedisImage.Start),
            "docker.io/minio/minio" or "quay.io/minio/minio" => IfRelease(tag, start => HttpStandIn.Ready(start, 9000)),
            "docker.io/minio/mc" or "quay.io/minio/mc" => IfRelease(tag, StandIn.Idle),
            "quay.io/coreos/etcd" => IfVersion(tag, start => HttpStandIn.Ready(start, 2379)),
            "docker.io/milvusdb/milvus" => IfVersion(tag, start => HttpStandIn.Ready(start, 9091)),
            "docker.io/library/node" => IfVersion(tag, StandIn.Idle),
            "docker.io/library/nginx" => IfVersion(tag, start => HttpStandIn.Ready(start, 80)),
            "docker.io/library/busybox" or "docker.io/library/alpine" or "docker.io/curlimages/curl" => IfVersion(tag, StandIn.Idle),
            "registry.k8s.io/pause" or "mcr.microsoft.com/oss/kubernetes/pause" => IfVersion(tag, StandIn.Idle),
            "docker.io/sandbox/ready" when tag == "1" => start => HttpStandIn.Ready(start),
            "docker.io/sandbox/never-ready" when tag == "1" => HttpStandIn.NeverReady,
            "docker.io/sandbox/crash" when tag == "1" => StandIn.Crash,
            "docker.io/sandbox/liar" when tag == "1" => StandIn.Liar,
            _ => null,
        };

        // The gateways' images hold Node.js, which a pod may start with a script of its own; with a file it is the gateway that starts.
        if (
            start is not null
            && name is "docker.io/portkeyai/gateway" or "docker.io/portkeyai/gateway_enterprise" or "docker.io/library/node"
        )
        {
            var itself = start;
            start = container =>
                container.Arguments.Take(2).SequenceEqual(["node", "-e"]) ? NodeScript.Start(container) : itself!(container);
        }

        return start is null ? null : new CataloguedImage($"{name}@sha256:{Digest(name + ":" + tag)}", start);
    }

    /// <summary>docker.io/library/redis and 7.2-alpine of "redis:7.2-alpine", as a container runtime completes names.</summary>
    internal static (string Name, string Tag) Split(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        var name = digest < 0 ? image : image[..digest];
        var colon = name.LastIndexOf(':');
        var tag = colon > name.LastIndexOf('/') ? name[(colon + 1)..] : "latest";
        name = colon > name.LastIndexOf('/') ? name[..colon] : name;
        var first = name.Split('/')[0];
        if (!name.Contains('/') || !(first.Contains('.') || first.Contains(':') || first == "localhost"))
        {
            name = Default + name;
        }

        // "docker.io/redis" is short for "docker.io/library/redis".
        return (
            name.StartsWith(Default, StringComparison.Ordinal) && name.Count(c => c == '/') == 1
                ? Default + "library/" + name[Default.Length..]
                : name,
            tag
        );
    }

    private Func<ContainerStart, IRunningContainer>? Gateway(string tag, ref string refusal)
    {
        if (tag != "latest" && tag != options.GatewayVersion)
        {
            return null;
        }

        if (options.GatewayFolder is { } folder && File.Exists(Path.Combine(folder, "build", "start-server.js")))
        {
            return start => GatewayImage.Start(folder, start);
        }

        refusal = "the sandbox was started without the npm package @portkey-ai/gateway; install it and name its folder with --gateway";
        return null;
    }

    private static Func<ContainerStart, IRunningContainer>? IfVersion(string tag, Func<ContainerStart, IRunningContainer> start) =>
        tag is "latest" or "stable" or "alpine" || VersionShape().IsMatch(tag) ? start : null;

    private static Func<ContainerStart, IRunningContainer>? IfRelease(string tag, Func<ContainerStart, IRunningContainer> start) =>
        tag.StartsWith("RELEASE.20", StringComparison.Ordinal) ? start : IfVersion(tag, start);

    private static string Refusal(string image, string name, string tag) =>
        $"rpc error: code = NotFound desc = failed to pull and unpack image \"{name}:{tag}\": failed to resolve reference \"{name}:{tag}\": {(image.Contains('@') ? image : $"{name}:{tag}")}: not found";

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // Portkey has published majors 1 and 2; a tag such as 99.0.0 is to fail as it would there.
    [GeneratedRegex(@"^(latest|[12]\.\d{1,3}\.\d{1,3})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EnterpriseTag();

    [GeneratedRegex(@"^v?\d+(\.\d+){0,3}([-.][A-Za-z0-9][A-Za-z0-9.-]{0,40})?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionShape();
}
