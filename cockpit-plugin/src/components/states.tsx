// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import {
    Button,
    EmptyState,
    EmptyStateActions,
    EmptyStateBody,
    EmptyStateFooter,
    Spinner,
} from "@patternfly/react-core";
import CubesIcon from "@patternfly/react-icons/dist/esm/icons/cubes-icon";
import DisconnectedIcon from "@patternfly/react-icons/dist/esm/icons/disconnected-icon";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "react";
import { _ } from "../lib/gettext.js";

/** Says that something is being waited for, but only once it takes more than a second. */
export function WaitingMessage({ text }: { text: string }) {
    const [long, setLong] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => setLong(true), 1000);
        return () => clearTimeout(timer);
    }, []);
    return (
        <div role="status" data-test="waiting">
            {long && <EmptyState headingLevel="h1" titleText={text} icon={Spinner as ComponentType<unknown>} />}
        </div>
    );
}

const icons = { problem: ExclamationCircleIcon, away: DisconnectedIcon, nothing: CubesIcon };

/** The whole place taken by one message, with what can be done about it. */
export function Message(props: {
    title: string;
    icon: keyof typeof icons;
    test: string;
    level?: "h1" | "h2" | "h3";
    children?: ComponentChildren;
    actions?: ComponentChildren;
}) {
    const { title, icon, test, level = "h1", children, actions } = props;
    return (
        <EmptyState headingLevel={level} titleText={title} icon={icons[icon]} data-test={test} variant="sm">
            {children && <EmptyStateBody>{children}</EmptyStateBody>}
            {actions && (
                <EmptyStateFooter>
                    <EmptyStateActions>{actions}</EmptyStateActions>
                </EmptyStateFooter>
            )}
        </EmptyState>
    );
}

/** What is shown instead of objects while the service is not there. */
export function NoService(props: {
    phase: "stopped" | "missing" | "failed";
    problem: string;
    retry: () => void;
    look: () => void;
}) {
    const { phase, problem, retry, look } = props;
    const again = (text: string) => (
        <Button onClick={retry} data-test="retry">
            {text}
        </Button>
    );
    const services = (
        <Button variant="link" onClick={look} data-test="services">
            {_("Look at the service")}
        </Button>
    );
    switch (phase) {
        case "missing":
            return (
                <Message
                    title={_("The RapidDisk service is not installed")}
                    icon="nothing"
                    test="missing"
                    actions={again(_("Try again"))}
                >
                    <p>{_("Install the package “rapiddisk” on this host; this page then shows what it manages.")}</p>
                </Message>
            );
        case "stopped":
            return (
                <Message
                    title={_("The RapidDisk service is not running")}
                    icon="away"
                    test="stopped"
                    actions={
                        <>
                            {again(_("Start the service"))}
                            {services}
                        </>
                    }
                >
                    <p>
                        {_(
                            "RAM disks, caches and exports that exist go on working meanwhile. This page comes back by itself when the service does.",
                        )}
                    </p>
                </Message>
            );
        case "failed":
            return (
                <Message
                    title={_("The RapidDisk service cannot be reached")}
                    icon="problem"
                    test="failed"
                    actions={
                        <>
                            {again(_("Try again"))}
                            {services}
                        </>
                    }
                >
                    <p>
                        {_(
                            "It does not answer or cannot be started. Its log in Services says why; try again once the cause is removed.",
                        )}
                    </p>
                    <p className="rd-detail">
                        <samp dir="ltr">{problem}</samp>
                    </p>
                </Message>
            );
    }
}
