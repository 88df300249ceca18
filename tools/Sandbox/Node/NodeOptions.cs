using System.Globalization;

namespace Portkey.Portal.Sandbox.Node;

/// <summary>What the command line of the node stand-in says.</summary>
internal sealed record NodeOptions(string DataFolder, string Kubeconfig, string? GatewayFolder, int? ParentId)
{
    public const string Usage = "usage: Portkey.Portal.Sandbox node --data DIR --kubeconfig FILE [--gateway DIR] [--parent-pid N]";

    public static NodeOptions Parse(IReadOnlyList<string> args)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 == args.Count || args[i] is not ("--data" or "--kubeconfig" or "--gateway" or "--parent-pid"))
            {
                throw new ArgumentException($"'{args[i]}' is unknown or lacks its value. {Usage}", nameof(args));
            }

            given[args[i]] = args[i + 1];
        }

        string Need(string name) =>
            given.GetValueOrDefault(name) ?? throw new ArgumentException($"{name} is missing. {Usage}", nameof(args));
        int? parent = given.TryGetValue("--parent-pid", out var text)
            ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new ArgumentException($"--parent-pid takes a number, not '{text}'. {Usage}", nameof(args))
            : null;
        return new NodeOptions(
            Path.GetFullPath(Need("--data")),
            Path.GetFullPath(Need("--kubeconfig")),
            given.GetValueOrDefault("--gateway"),
            parent
        );
    }
}
