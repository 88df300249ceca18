using System.Globalization;

namespace Portkey.Portal.Sandbox.Hosting;

/// <summary>What the command line says.</summary>
internal sealed record SandboxOptions(string DataFolder, int? Port = null, string? GatewayFolder = null, int? ParentId = null)
{
    public const string Usage = "usage: Portkey.Portal.Sandbox --data DIR [--port N] [--gateway DIR] [--parent-pid N]";

    public static SandboxOptions Parse(IReadOnlyList<string> args)
    {
        string? data = null,
            gateway = null;
        int? port = null,
            parent = null;
        for (var i = 0; i < args.Count; i += 2)
        {
            var value = i + 1 < args.Count ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value. {Usage}", nameof(args));
            switch (args[i])
            {
                case "--data":
                    data = value;
                    break;
                case "--gateway":
                    gateway = value;
                    break;
                case "--port":
                    port = Number(args[i], value, 65535);
                    break;
                case "--parent-pid":
                    parent = Number(args[i], value, int.MaxValue);
                    break;
                default:
                    throw new ArgumentException($"unknown option {args[i]}. {Usage}", nameof(args));
            }
        }

        return new SandboxOptions(
            Path.GetFullPath(data ?? throw new ArgumentException($"--data is missing. {Usage}", nameof(args))),
            port,
            gateway,
            parent
        );
    }

    private static int Number(string option, string text, int highest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= highest
            ? number
            : throw new ArgumentException($"{option} takes a number up to {highest}, not '{text}'. {Usage}");
}
