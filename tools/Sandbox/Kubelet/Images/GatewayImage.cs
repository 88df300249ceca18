namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>portkeyai/gateway: the real open-source gateway, from its npm package.</summary>
internal static class GatewayImage
{
    private const int DefaultPort = 8787;

    public static IRunningContainer Start(string folder, ContainerStart start)
    {
        // As in the image, only --port moves the gateway; it does not read PORT.
        var port = start
            .Arguments.Where(argument => argument.StartsWith("--port=", StringComparison.Ordinal))
            .Select(argument => int.TryParse(argument["--port=".Length..], out var value) ? value : DefaultPort)
            .DefaultIfEmpty(DefaultPort)
            .First();
        string[] arguments =
        [
            "--require",
            Path.Combine(AppContext.BaseDirectory, "Kubelet", "pod-address.cjs"),
            Path.Combine(folder, "build", "start-server.js"),
            $"--port={port}",
            "--headless",
        ];
        return ChildProcess.Start("node", arguments, start, new Dictionary<string, string> { ["SANDBOX_POD_ADDRESS"] = start.PodAddress });
    }
}
