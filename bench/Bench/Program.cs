using Portkey.Portal.Bench;
using Portkey.Portal.Shared;

if (args is not (["deploy", ..] or ["deploy-kubernetes", ..]) || args.Length > 2)
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project bench/Bench -- deploy|deploy-kubernetes [N]");
    return 2;
}

var count = args.Length == 2 ? int.Parse(args[1]) : 20;
await DeployBench.RunAsync(count, args[0] == "deploy" ? Target.Sandbox : Target.RealServer);
return 0;
