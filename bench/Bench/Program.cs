using Portkey.Portal.Bench;
using Portkey.Portal.Shared;

Func<int, Task>? bench =
    args is [var name, ..] && args.Length <= 2
        ? name switch
        {
            "deploy" => count => DeployBench.RunAsync(count, Target.Sandbox),
            "deploy-kubernetes" => count => DeployBench.RunAsync(count, Target.RealServer),
            "render" => RenderBench.RunAsync,
            "credentials" => CredentialsBench.RunAsync,
            "rotate" => RotateBench.RunAsync,
            "fair" => FairBench.RunAsync,
            "drain" => DrainBench.RunAsync,
            "start" => StartBench.RunAsync,
            "pages" => PagesBench.RunAsync,
            _ => null,
        }
        : null;
if (bench is null)
{
    Console.Error.WriteLine(
        "Usage: dotnet run -c Release --project bench/Bench -- deploy|deploy-kubernetes|render|credentials|rotate|fair|drain|start|pages [N]"
    );
    return 2;
}

await bench(
    args.Length == 2
        ? int.Parse(args[1])
        : args[0] switch
        {
            "render" => 100,
            "fair" or "start" => 10,
            "drain" => 5,
            _ => 20,
        }
);
return 0;
