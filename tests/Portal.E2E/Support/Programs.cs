using System.Diagnostics;

namespace Portkey.Portal.E2E.Support;

/// <summary>Programs that run to their end.</summary>
internal static class Programs
{
    /// <summary>Runs one; answers with its output. Fails with all that it said when it fails.</summary>
    public static async Task<string> RunAsync(
        string program,
        string[] arguments,
        string folder,
        params (string Name, string Value)[] variables
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments.Select(Path.GetFileName))} ended with {process.ExitCode}:\n{await output}\n{await errors}"
        );
        return await output;
    }
}
