using System.Diagnostics;
using Npgsql;
using Xunit;

namespace Portkey.Portal.Shared;

/// <summary>
/// A real PostgreSQL of this test assembly alone, on a socket in a temporary folder, gone afterwards.
/// Use: <c>[assembly: AssemblyFixture(typeof(PostgreSqlServer))]</c> and take it in a test class's constructor.
/// </summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private LoggedProcess? _server;

    public async ValueTask InitializeAsync()
    {
        var data = _folder.Combine("data");
        if (IsRoot)
        {
            // PostgreSQL refuses to run as root; the folder then belongs to whom it runs as.
            await RunAsync("chown", "nobody", _folder.Path);
        }

        await RunAsync(
            AsUser(
                Path.Combine(Tools.PostgreSqlFolder, "initdb"),
                "--pgdata",
                data,
                "--username",
                "portal",
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--locale",
                "C",
                "--no-sync"
            )
        );
        await StartAgainAsync();
    }

    /// <summary>Starts it on the same data and socket after <see cref="KillAsync"/>; it recovers as after a crash of the machine's
    /// process.</summary>
    public async Task StartAgainAsync()
    {
        _server?.Dispose();
        // The shell lives as long as this process holds its standard input, so that even a killed test run leaves no server.
        var start = AsUser(
            "sh",
            "-c",
            "\"$@\" & server=$!; cat >/dev/null; kill -INT $server; wait $server",
            "sh",
            Path.Combine(Tools.PostgreSqlFolder, "postgres"),
            "-D",
            _folder.Combine("data"),
            "-k",
            _folder.Path,
            // What was committed has to outlive the server's own death, but not the machine's.
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "synchronous_commit=on",
            "-c",
            "full_page_writes=off",
            "-c",
            "max_connections=200"
        );
        _server = new LoggedProcess(start);
        await Eventually.TrueAsync(CanConnectAsync, "PostgreSQL answers");
    }

    /// <summary>SIGQUIT, PostgreSQL's immediate shutdown: every connection breaks, nothing is written any more.</summary>
    public async Task KillAsync()
    {
        var pid = int.Parse(
            (await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "data", "postmaster.pid")))[0],
            System.Globalization.CultureInfo.InvariantCulture
        );
        _ = NativeMethods.Kill(pid, 3);
        await Eventually.TrueAsync(
            () => !Directory.Exists($"/proc/{pid}") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "PostgreSQL is gone"
        );
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>SIGSTOP of the server and all its sessions: connections stand, and nothing answers.</summary>
    public void Freeze() => SignalAll(19);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => SignalAll(18);

    /// <summary>A new empty database; answers with its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string? name = null)
    {
        name ??= "test_" + Guid.NewGuid().ToString("N");
        await ExecuteAsync($"create database \"{name}\"");
        return ConnectionString(name);
    }

    /// <summary>Ends all connections to a database, as a restart, a failover or an operator does.</summary>
    public static async Task EndConnectionsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
            connection
        );
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            if (File.Exists(Path.Combine(_folder.Path, "data", "postmaster.pid")))
            {
                Thaw();
            }

            _server.CloseInput();
            await Eventually.TrueAsync(() => _server.HasExited, "PostgreSQL stops", TimeSpan.FromSeconds(10));
            _server.Dispose();
        }

        _folder.Dispose();
    }

    private void SignalAll(int signal)
    {
        var server = File.ReadAllLines(Path.Combine(_folder.Path, "data", "postmaster.pid"))[0];
        foreach (
            var pid in File.ReadAllText($"/proc/{server}/task/{server}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Append(server)
        )
        {
            _ = NativeMethods.Kill(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture), signal);
        }
    }

    private static bool IsRoot => NativeMethods.EffectiveUser() == 0;

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = _folder.Path,
            Username = "portal",
            Database = database,
        }.ConnectionString;

    private async Task<bool> CanConnectAsync()
    {
        if (_server is { HasExited: true })
        {
            throw new InvalidOperationException($"PostgreSQL stopped: {_server.Output}");
        }

        await ExecuteAsync("select 1");
        return true;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private ProcessStartInfo AsUser(string program, params string[] arguments)
    {
        string[] before = IsRoot ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];
        string[] line = [.. before, program, .. arguments];
        return new ProcessStartInfo(line[0], line[1..]) { WorkingDirectory = _folder.Path };
    }

    private static Task RunAsync(string program, params string[] arguments) => RunAsync(new ProcessStartInfo(program, arguments));

    private static async Task RunAsync(ProcessStartInfo start)
    {
        using var process = new LoggedProcess(start);
        process.CloseInput();
        await process.WaitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} failed: {process.Output}");
        }
    }
}
