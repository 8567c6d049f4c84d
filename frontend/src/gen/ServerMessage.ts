// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { ExitStatus } from "./ExitStatus";
import type { Notice } from "./Notice";
import type { ProcessInfo } from "./ProcessInfo";
import type { Role } from "./Role";
import type { SessionInfo } from "./SessionInfo";

/**
 * A control message from the server.
 */
export type ServerMessage = { "type": "welcome", 
/**
 * The version that both speak.
 */
version: number, 
/**
 * The session.
 */
session: string, 
/**
 * Its name, if it has one.
 */
name?: string, 
/**
 * What this viewer may do.
 */
role: Role, 
/**
 * The processes so far.
 */
processes: Array<ProcessInfo>, 
/**
 * The server answers what programs ask the terminal; viewers keep silent.
 */
answers_queries: boolean, } | { "type": "session" } & SessionInfo | { "type": "process", 
/**
 * The process.
 */
process: ProcessInfo, } | { "type": "exit", 
/**
 * The process.
 */
process: number, 
/**
 * How it ended.
 */
status: ExitStatus, } | { "type": "login", 
/**
 * Whether somebody was.
 */
granted: boolean, 
/**
 * Who.
 */
subject?: string, 
/**
 * For a visitor: a code, good once, for a login that leads back here.
 */
launch?: string, } | { "type": "notice", 
/**
 * Whose it is.
 */
process: number, 
/**
 * What it says.
 */
notice: Notice, } | { "type": "pong", 
/**
 * The number that came.
 */
id: number, } | { "type": "error", 
/**
 * What kind of error, for programs.
 */
code: string, 
/**
 * What happened, for people.
 */
message: string, };
