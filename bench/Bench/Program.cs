using Portkey.Portal.Bench;

if (args is not ["deploy", ..] || args.Length > 2)
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project bench/Bench -- deploy [N]");
    return 2;
}

var count = args.Length == 2 ? int.Parse(args[1]) : 20;
await DeployBench.RunAsync(count);
return 0;
