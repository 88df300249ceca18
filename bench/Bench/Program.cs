using Portkey.Portal.Bench;
using Portkey.Portal.Shared;

if (args is not (["deploy", ..] or ["deploy-kubernetes", ..] or ["render", ..]) || args.Length > 2)
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project bench/Bench -- deploy|deploy-kubernetes|render [N]");
    return 2;
}

var count = args.Length == 2 ? int.Parse(args[1]) : args[0] == "render" ? 100 : 20;
if (args[0] == "render")
{
    await RenderBench.RunAsync(count);
    return 0;
}

await DeployBench.RunAsync(count, args[0] == "deploy" ? Target.Sandbox : Target.RealServer);
return 0;
