// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Style sheets are imported for their effect: the bundler puts them into index.css. */
declare module "*.css";
