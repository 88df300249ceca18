using Portkey.Portal.Sandbox.Hosting;
using Portkey.Portal.Sandbox.Node;

try
{
    if (args is ["node", .. var rest])
    {
        await using var node = await NodeHost.StartAsync(NodeOptions.Parse(rest));
        Console.WriteLine("Node ready");
        await node.WaitForShutdownAsync();
        return 0;
    }

    var (app, identity) = await SandboxHost.StartAsync(SandboxOptions.Parse(args));
    Console.WriteLine($"Sandbox ready at https://127.0.0.1:{identity.Port}");
    await app.WaitForShutdownAsync();
    await app.DisposeAsync();
    return 0;
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
catch (IOException e)
{
    // A taken port, a folder that may not be written, a snapshot that is not one.
    await Console.Error.WriteLineAsync($"The sandbox cannot start: {e.Message}");
    return 1;
}
catch (UnauthorizedAccessException e)
{
    await Console.Error.WriteLineAsync($"The sandbox cannot start: {e.Message} Choose a folder that you may write with --data.");
    return 1;
}
